/**
 * An I/O thread: accepts gRPC connections on the shared port and adds into the shared memory.
 *
 * @module
 */

import { systemClock } from "../base/mod.ts";
import { directRpcs } from "../service/mod.ts";
import { serveHttp2 } from "../transport/mod.ts";
import type { ThreadCommand, ThreadOrder, ThreadReport } from "./thread.ts";
import { createThreadService } from "./thread_service.ts";

/** Listens and serves until told to drain. */
export function playIoThread(
  order: ThreadOrder & { role: "io" },
  report: (report: ThreadReport) => void,
): (command: ThreadCommand) => void {
  const { service, health, universal, log } = createThreadService(order.setting);
  const listener = serveHttp2({
    routes: { direct: directRpcs(service), universal },
    clock: systemClock,
    messageBytesMax: order.setting.messageBytesMax,
    bufferedBytesMax: 2 * order.setting.messageBytesMax,
    listeners: order.listeners.map((address) => ({ ...address, reusePort: true })),
    onConnectionError: (error) => {
      log.warning("a connection failed", {
        error: error instanceof Error ? error.message : String(error),
      });
    },
  });
  report({ kind: "listening" });
  return (command) => {
    health.drain();
    listener.drain(command.graceMs).then(() => report({ kind: "drained" }));
  };
}
