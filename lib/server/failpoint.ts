/**
 * Ends the process as by kill -9 at a named place of the journal; for crash tests, by HISTSERV_FAILPOINT=NAME:n.
 *
 * @module
 */

import { type FailpointHook, type JournalFailpoint, journalFailpoints } from "../journal/mod.ts";
import { OptionError } from "./start_error.ts";

/** @throws {OptionError} if `text` is not `NAME:n` with a known name and n ≥ 1. */
export function createFailpoint(text: string): FailpointHook {
  const match = /^([a-z.-]+):([1-9]\d{0,8})$/.exec(text);
  const names = Object.keys(journalFailpoints);
  if (!match || !names.includes(match[1]!)) {
    throw new OptionError(
      `HISTSERV_FAILPOINT is "${text}"; it must be NAME:n with NAME one of ${names.join(", ")}`,
    );
  }
  let passes = 0;
  return (name: JournalFailpoint) => {
    if (name === match[1] && ++passes === Number(match[2])) Deno.kill(Deno.pid, "SIGKILL");
  };
}
