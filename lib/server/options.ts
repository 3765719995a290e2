/**
 * The command line and the environment as one typed value, complete and checked.
 *
 * A flag wins over its environment variable (`HISTSERV_MAX_BYTES` for `--max-bytes`), the variable over the
 * default. Python histserv's flags mean the same here.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { defaultDataDir } from "./data_dir.ts";
import type { LogFormat, LogLevel } from "./log.ts";
import {
  budgetBytesMax,
  budgetBytesMin,
  chooseBudget,
  type MemoryBudget,
  readMemoryFacts,
} from "./memory.ts";
import { nearestName } from "./nearest_name.ts";
import { environmentName, type OptionRow, optionRows } from "./option_table.ts";
import * as values from "./option_values.ts";
import { OptionError } from "./start_error.ts";
import { readTokenFile } from "./token_file.ts";

/** Everything that `histserv serve` was told or assumes. */
export interface ServeOptions {
  /** Names or addresses to listen on, all with the same ports; at least one, no duplicates. */
  readonly hosts: readonly string[];
  /** True if nobody chose: then an address family that the machine lacks is left out, not an error. */
  readonly areHostsDefault: boolean;
  /** In [0, 65535]; 0 = any free one, the same on all hosts. */
  readonly port: number;
  /** In [0, 65535], or null for none. */
  readonly dashboardPort: number | null;
  /** True if nobody chose: then a taken port is no reason not to start. */
  readonly isDashboardPortDefault: boolean;
  /** Origins (or `*`) that browsers may call from. */
  readonly corsOrigins: readonly string[];
  /** The only tokens that may use the server, or null where anybody may. Never print them. */
  readonly tokens: ReadonlySet<string> | null;
  readonly dataDir: string;
  /** The only directory that Flush writes into. */
  readonly flushDir: string;
  readonly durability: values.Durability;
  /** I/O threads, in [1, 8]: past that the committer is the limit, and shared memory has room for no more. */
  readonly threadCount: number;
  /** Memory for cells, keys, ids and tables. */
  readonly memory: MemoryBudget;
  /** In [1 KiB, 2 GiB − 1]: protobuf's own limit. */
  readonly maxMessageBytes: number;
  /** Idle time before deletion; 0 = never. */
  readonly pruneAfterSeconds: number;
  /** Above 0. */
  readonly pruneIntervalSeconds: number;
  /** 0 = never. */
  readonly statsIntervalSeconds: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** What the user asked for. */
export type Command =
  | { readonly kind: "serve"; readonly options: ServeOptions }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** What the options depend on besides the arguments. */
export interface OptionSource {
  readonly os: typeof Deno.build.os;
  readonly coreCount: number;
  /** An environment variable, or undefined. */
  env(name: string): string | undefined;
  memory(): MemoryBudget;
  /** @throws {OptionError} */
  readTokens(path: string): ReadonlySet<string>;
}

/** The machine as it is. An environment variable that may not be read counts as not set. */
export const systemOptionSource: OptionSource = {
  os: Deno.build.os,
  coreCount: navigator.hardwareConcurrency,
  env(name) {
    try {
      return Deno.env.get(name);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return undefined;
      throw error;
    }
  },
  memory: () => chooseBudget(readMemoryFacts()),
  readTokens: readTokenFile,
};

const threadsMax = 8;
const maxMessageBytesDefault = 512 * 2 ** 20;
const commandNames = ["serve"];

/**
 * What `args` (without the program's name) and the environment ask for.
 *
 * @throws {OptionError} with a sentence that names the option, its value and what is allowed.
 */
export function parseCommand(args: readonly string[], source: OptionSource): Command {
  const given = collectGiven(args, source);
  if (flagOf(given, "help")) return { kind: "help" };
  if (flagOf(given, "version")) return { kind: "version" };
  return { kind: "serve", options: resolveOptions(given, source) };
}

type GivenOptions = ReadonlyMap<string, readonly values.GivenValue[]>;

/** The values of every option that was given, flags before environment. */
function collectGiven(args: readonly string[], source: OptionSource): GivenOptions {
  const given = new Map<string, values.GivenValue[]>();
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: Object.fromEntries(optionRows.map((row) => [row.name, parserConfig(row)])),
  });
  let positionals = 0;
  for (const token of tokens) {
    if (token.kind === "positional") {
      positionals += 1;
      checkCommand(token.value, positionals);
    } else if (token.kind === "option") {
      const row = optionRows.find((known) => known.name === token.name);
      if (row === undefined) throw unknownOption(token.rawName);
      const value = readToken(row, token);
      if (row.kind === "values" && given.has(row.name)) given.get(row.name)!.push(value);
      else given.set(row.name, [value]); // as in argparse, the last one wins
    }
  }
  for (const row of optionRows) {
    if (given.has(row.name) || row.name === "help" || row.name === "version") continue;
    const origin = environmentName(row.name);
    const text = source.env(origin);
    if (text === undefined || text === "") continue;
    const texts = row.kind === "values" ? text.split(",").map((part) => part.trim()) : [text];
    given.set(row.name, texts.map((part) => ({ text: part, origin })));
  }
  return given;
}

function parserConfig(row: OptionRow): { type: "string" | "boolean"; short?: string } {
  const type = row.kind === "flag" ? "boolean" : "string";
  return row.short === undefined ? { type } : { type, short: row.short };
}

function readToken(
  row: OptionRow,
  token: { rawName: string; value: string | undefined; inlineValue: boolean | undefined },
): values.GivenValue {
  const origin = token.rawName;
  if (row.kind === "flag") return { text: token.value ?? "true", origin };
  // Without `=`, a value that looks like an option is a forgotten value; a negative number is a wrong one.
  const isForgotten = token.value === undefined ||
    (!token.inlineValue && /^-[^\d]/.test(token.value));
  if (isForgotten) {
    throw new OptionError(`Cannot use ${origin}: it needs a value, ${origin} ${row.placeholder}`);
  }
  return { text: token.value!, origin };
}

function checkCommand(name: string, position: number): void {
  if (position === 1 && commandNames.includes(name)) return;
  if (position > 1) {
    throw new OptionError(
      `Cannot use the argument "${name}": serve takes options only. See --help`,
    );
  }
  const nearest = nearestName(name, commandNames);
  throw new OptionError(
    `Cannot run the command "${name}": there is no such command. ` +
      (nearest === null ? `There is: ${commandNames.join(", ")}` : `Did you mean "${nearest}"?`),
  );
}

function unknownOption(rawName: string): OptionError {
  const nearest = nearestName(
    rawName.replace(/^-+/, ""),
    optionRows.map((row) => row.name),
  );
  return new OptionError(
    `Cannot use ${rawName}: there is no such option. ` +
      (nearest === null ? "See --help" : `Did you mean --${nearest}?`),
  );
}

function flagOf(given: GivenOptions, name: string): boolean {
  const value = given.get(name)?.[0];
  return value !== undefined && values.flagValue(value);
}

function resolveOptions(given: GivenOptions, source: OptionSource): ServeOptions {
  const hosts = resolveHosts(given);
  const corsOrigins = [...new Set((given.get("cors-origin") ?? []).map(values.originValue))];
  const tokenFile = pick(given, "token-file", values.pathValue, () => null);
  checkExposure(hosts.hosts, corsOrigins, {
    isGuarded: tokenFile !== null || flagOf(given, "insecure"),
  });

  const dataDir = pick(given, "data", values.pathValue, () => defaultDataDir(source));
  const separator = source.os === "windows" ? "\\" : "/";
  const port = (value: values.GivenValue): number =>
    values.integerValue(value, { min: 0, max: 65535 });
  const orNever = (value: values.GivenValue): number =>
    values.secondsValue(value, { zeroMeansNever: true });
  return {
    ...hosts,
    port: pick(given, "port", port, () => 50051),
    dashboardPort: resolveDashboardPort(given, port),
    isDashboardPortDefault: !given.has("dashboard-port"),
    corsOrigins,
    tokens: tokenFile === null ? null : source.readTokens(tokenFile),
    dataDir,
    flushDir: pick(given, "flush-dir", values.pathValue, () => `${dataDir}${separator}exports`),
    durability: pick(
      given,
      "durability",
      values.durabilityValue,
      () => ({ kind: "commit" as const }),
    ),
    threadCount: pick(
      given,
      "threads",
      (value) => values.integerValue(value, { min: 1, max: threadsMax }),
      () => Math.max(1, Math.min(source.coreCount, threadsMax)),
    ),
    memory: pick<MemoryBudget>(
      given,
      "max-bytes",
      (value) => ({
        bytes: values.sizeValue(value, { min: budgetBytesMin, max: budgetBytesMax }),
        source: "given",
      }),
      source.memory,
    ),
    maxMessageBytes: pick(
      given,
      "max-message-bytes",
      (value) => values.sizeValue(value, { min: 1024, max: 2 ** 31 - 1 }),
      () => maxMessageBytesDefault,
    ),
    pruneAfterSeconds: pick(given, "prune-after-seconds", orNever, () => 86_400),
    pruneIntervalSeconds: pick(
      given,
      "prune-interval-seconds",
      (value) => values.secondsValue(value, { zeroMeansNever: false }),
      () => 300,
    ),
    statsIntervalSeconds: pick(given, "stats-interval-seconds", orNever, () => 60),
    logLevel: pick(given, "log-level", values.logLevelValue, () => "info" as const),
    logFormat: pick(given, "log-format", values.logFormatValue, () => "text" as const),
  };
}

/** The last given value of an option, parsed, else its default. */
function pick<T>(
  given: GivenOptions,
  name: string,
  parse: (value: values.GivenValue) => T,
  fallback: () => T,
): T {
  const value = given.get(name)?.at(-1);
  return value === undefined ? fallback() : parse(value);
}

function resolveHosts(given: GivenOptions): Pick<ServeOptions, "hosts" | "areHostsDefault"> {
  const both = { hosts: ["127.0.0.1", "::1"], areHostsDefault: true };
  const named = given.get("host")?.map(values.hostValue);
  if (named === undefined || named.every((host) => host === "localhost")) return both;
  const hosts = named.flatMap((host) => host === "localhost" ? both.hosts : [host]);
  return { hosts: [...new Set(hosts)], areHostsDefault: false };
}

function resolveDashboardPort(
  given: GivenOptions,
  parse: (value: values.GivenValue) => number,
): number | null {
  const chosen = given.get("dashboard-port");
  if (!flagOf(given, "no-dashboard")) return pick(given, "dashboard-port", parse, () => 8050);
  const off = given.get("no-dashboard")![0]!;
  // Both on the command line contradict each other; a flag beats a variable.
  if (chosen !== undefined && chosen[0]!.origin.startsWith("--") === off.origin.startsWith("--")) {
    throw new OptionError(
      `Cannot use ${off.origin} together with ${chosen[0]!.origin}: choose one`,
    );
  }
  if (chosen !== undefined && chosen[0]!.origin.startsWith("--")) return parse(chosen[0]!);
  return null;
}

/** What other machines or foreign web pages can reach must be guarded, or be open on purpose. */
function checkExposure(
  hosts: readonly string[],
  corsOrigins: readonly string[],
  options: { isGuarded: boolean },
): void {
  if (options.isGuarded) return;
  const open = hosts.find((host) => !values.isLoopback(host));
  if (open !== undefined) {
    throw new OptionError(
      `Cannot listen on --host "${open}" without a guard: other machines could read and change every histogram. ` +
        "Give --token-file FILE, or --insecure if that is what you want",
    );
  }
  if (corsOrigins.includes("*")) {
    throw new OptionError(
      `Cannot use --cors-origin "*" without a guard: every web page could read and change every histogram. ` +
        "Name the origins, give --token-file FILE, or --insecure if that is what you want",
    );
  }
}
