/**
 * The smallest program of the server's shape, for `tests/server/relaunch_test.ts`: it relaunches itself, opens a
 * KV store, plays its own worker, says what it was given, and waits for a signal. Bundled to one file by the test.
 *
 * Arguments: the data directory, then anything; `exit=N` ends it at once with code N.
 *
 * @module
 */

import { endWithLauncher, readCapabilities, relaunch } from "../../lib/server/relaunch.ts";

const workerName = "relaunch-program-worker";

if (self.name === workerName) playWorker();
else Deno.exit(await playMain());

function playWorker(): void {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, reusePort: true });
  const worker = self as unknown as { postMessage(message: unknown): void };
  worker.postMessage({ ...readCapabilities(), port: listener.addr.port });
}

async function playMain(): Promise<number> {
  const { hasKv, hasReusePort } = readCapabilities();
  if (!hasKv || !hasReusePort) {
    return await relaunch({ mainUrl: import.meta.url, args: Deno.args });
  }
  const launcherPid = endWithLauncher();
  const exit = Deno.args.find((arg) => arg.startsWith("exit="));
  if (exit !== undefined) return Number(exit.slice("exit=".length));

  const store = await Deno.openKv(`${Deno.args[0]}/store.kv`);
  await store.set(["starts"], 1);
  const worker = new Worker(import.meta.url, { type: "module", name: workerName });
  const ready = await new Promise((resolve) => worker.onmessage = (event) => resolve(event.data));
  const ending = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => resolve(signal));
    }
  });
  const report = { pid: Deno.pid, launcherPid, args: Deno.args, worker: ready };
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
  Deno.stdout.writeSync(new TextEncoder().encode(`${await ending}\n`));
  store.close();
  return 7;
}
