/**
 * Which role a thread plays.
 *
 * @module
 */

import { playCommitter } from "./committer.ts";
import { playIoThread } from "./io_thread.ts";
import { playThread } from "./thread.ts";

/** Plays the role that the main thread orders. */
export function play(): void {
  playThread((order, report) =>
    order.role === "io" ? playIoThread(order, report) : playCommitter(order, report)
  );
}
