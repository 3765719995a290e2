/**
 * Which role a thread plays.
 *
 * @module
 */

import { playCommitter } from "./committer.ts";
import { playImport } from "./import_thread.ts";
import { playIoThread } from "./io_thread.ts";
import { playThread } from "./thread.ts";

/** Plays the role that the main thread orders. */
export function play(): void {
  playThread((order, report) => {
    switch (order.role) {
      case "io":
        return playIoThread(order, report);
      case "committer":
        return playCommitter(order, report);
      case "import":
        return playImport(order, report);
    }
  });
}
