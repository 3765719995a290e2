/**
 * Runs the server: opens the data, starts the threads, serves, and drains.
 *
 *     memory → committer restores → I/O threads listen → HTTP port listens → … signal … → I/O threads drain →
 *     HTTP port drains → committer writes what is left → exit
 *
 * @module
 */

import {
  Arena,
  changesRefused,
  idleHistograms,
  pruneHistogram,
  readUsage,
  Registry,
  setDurability,
  stopCommitter,
  tickUptime,
} from "../accum/mod.ts";
import { systemClock, systemPrng } from "../base/mod.ts";
import { digestToken } from "../service/mod.ts";
import { type HttpListener, serveHttp } from "../transport/mod.ts";
import { choosePort, loopbackHosts } from "./addresses.ts";
import { formatByteSize } from "./byte_size.ts";
import { createDataDir } from "./data_dir.ts";
import { createLogger, type Logger, printLine } from "./log.ts";
import type { ServeOptions } from "./options.ts";
import { StartError } from "./start_error.ts";
import { Thread, type ThreadReport, type ThreadSetting } from "./thread.ts";
import { createThreadService, type ThreadService } from "./thread_service.ts";
import { version } from "./version.ts";
import { createWebHandler } from "./web.ts";

/** What the main module knows and the server needs. */
export interface ServeContext {
  /** URL of the main module, which is the entry of every thread too. */
  readonly mainUrl: string;
  /** Process id of the launcher, if one started this process. */
  readonly launcherPid: number | null;
}

/** Calls under way have this long to end; then their connections are closed. */
const DRAIN_MS_MAX = 6000;
/** A thread that does not answer is given up after this. */
const THREAD_MS_MAX = 2500;
const TICK_MS = 500;

/**
 * Serves until SIGTERM or SIGINT; resolves to the exit code after the drain.
 *
 * @throws {StartError} if it cannot start.
 */
export async function serve(options: ServeOptions, context: ServeContext): Promise<number> {
  const log = createLogger({
    level: options.logLevel,
    format: options.logFormat,
    clock: systemClock,
  });
  const startMs = systemClock.monotonicMs();
  const arena = Arena.create(options.memory.bytes, { hashSeed: systemPrng.u32() });
  setDurability(arena, options.durability.kind);
  const setting: ThreadSetting = {
    buffer: arena.buffer,
    threadIndex: 0,
    startedWallMs: systemClock.wallMs(),
    version,
    messageBytesMax: options.maxMessageBytes,
    flushDir: options.flushDir,
    mainUrl: context.mainUrl,
    tokenDigests: options.tokens
      ? [...options.tokens].map((token) => digestToken(token).toHex())
      : null,
    logLevel: options.logLevel,
    logFormat: options.logFormat,
  };
  const thread = (name: string): Thread =>
    new Thread(name, {
      mainUrl: context.mainUrl,
      onError: (name, message) => endAtOnce(log, name, message),
    });
  // All threads load their modules while the committer restores.
  const committer = options.durability.kind === "none" ? null : thread("committer");
  const threads = Array.from({ length: options.threadCount }, (_, i) => thread(`io-${i + 1}`));

  const signal = firstSignal();
  const starting = start(options, { committer, threads, setting, arena, log, context });
  const started = await Promise.race([starting, signal.then(() => null)]);
  if (started === null) return 0; // told to end before a port was open: nothing was acknowledged
  const { main, http } = started;
  log.debug("started", { took_ms: Math.round(systemClock.monotonicMs() - startMs) });

  const timers = startTimers(options, { arena, log, startMs: systemClock.monotonicMs() });
  log.info("draining", { signal: await signal });
  main.health.drain();
  for (const thread of threads) thread.send({ command: "drain", graceMs: DRAIN_MS_MAX });
  await Promise.all([
    http?.drain(DRAIN_MS_MAX),
    ...threads.map((thread) => within(thread.awaitReport("drained"), DRAIN_MS_MAX + 500)),
  ]);
  for (const timer of timers) clearInterval(timer);
  if (committer) {
    stopCommitter(arena);
    const closed = await within(committer.awaitReport("closed"), THREAD_MS_MAX);
    if (!closed) {
      log.warning("the disk does not take the last changes", {
        were_acknowledged: options.durability.kind === "interval",
      });
    }
  }
  log.info("stopped");
  return 0;
}

type Timer = ReturnType<typeof setInterval>;

/** Restores, then opens the ports: the one for browsers first, so that whoever sees gRPC finds all of it. */
async function start(
  options: ServeOptions,
  parts: {
    committer: Thread | null;
    threads: readonly Thread[];
    setting: ThreadSetting;
    arena: Arena;
    log: Logger;
    context: ServeContext;
  },
): Promise<{ main: ThreadService; http: HttpListener | null }> {
  const { committer, threads, setting, arena, log, context } = parts;
  printLine(`histserv ${version} (process ${context.launcherPid ?? Deno.pid})`);
  if (committer) await restore(committer, options, setting);
  else printLine("keeps everything in memory: --durability none loses it at the end");
  const hosts = loopbackHosts(options);
  const port = choosePort(hosts, options.port);
  const main = createThreadService(setting);
  const http = startHttp(options, { hosts, main, arena, log });
  await listen(threads, { hosts, port, setting });
  printPlaces(options, { hosts, port, http });
  return { main, http };
}

async function restore(
  committer: Thread,
  options: ServeOptions,
  setting: ThreadSetting,
): Promise<void> {
  await createDataDir(options.dataDir);
  committer.order({
    role: "committer",
    setting,
    dataDir: options.dataDir,
    durability: options.durability,
    failpoint: readFailpoint(),
  });
  const report = await committer.awaitReport("restored");
  if (report.kind === "failed") throw new StartError(report.message);
  printLine(describeRestore(options.dataDir, report));
}

function describeRestore(dataDir: string, report: ThreadReport): string {
  if (report.kind !== "restored" || report.isNew) return `keeps its data in ${dataDir} (new)`;
  const { histograms, chunks, uniqueIds } = report.report;
  return `restored ${histograms} histograms, ${chunks} chunks and ${uniqueIds} unique ids from ${dataDir} ` +
    `in ${(report.tookMs / 1000).toFixed(2)} s`;
}

async function listen(
  threads: readonly Thread[],
  net: { hosts: readonly string[]; port: number; setting: ThreadSetting },
): Promise<void> {
  const listeners = net.hosts.map((hostname) => ({ hostname, port: net.port }));
  for (const [i, thread] of threads.entries()) {
    thread.order({ role: "io", setting: { ...net.setting, threadIndex: i + 1 }, listeners });
  }
  for (const thread of threads) {
    const report = await thread.awaitReport("listening");
    if (report.kind === "failed") throw new StartError(report.message);
  }
}

function startHttp(
  options: ServeOptions,
  parts: { hosts: readonly string[]; main: ThreadService; arena: Arena; log: Logger },
): HttpListener | null {
  if (options.dashboardPort === null) return null;
  const handler = createWebHandler({
    universal: parts.main.universal,
    corsOrigins: options.corsOrigins,
    isHealthy: () => parts.main.health.isServing && !changesRefused(parts.arena),
  });
  try {
    return serveHttp({
      listeners: parts.hosts.map((hostname) => ({ hostname, port: options.dashboardPort! })),
      handler,
      onError: (error) => {
        parts.log.error("an HTTP request failed by a mistake of the server", {
          error: String(error),
        });
        return new Response("internal server error\n", { status: 500 });
      },
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    if (!options.isDashboardPortDefault) {
      throw new StartError(
        `Cannot listen on --dashboard-port ${options.dashboardPort}: another program holds it`,
      );
    }
    parts.log.warning("no HTTP port: another program holds it; choose one with --dashboard-port", {
      port: options.dashboardPort,
    });
    return null;
  }
}

function printPlaces(
  options: ServeOptions,
  net: { hosts: readonly string[]; port: number; http: HttpListener | null },
): void {
  const places = net.hosts.map((host) => `${host.includes(":") ? `[${host}]` : host}:${net.port}`);
  printLine(`listens for gRPC on ${places.join(" and ")} (${options.threadCount} threads)`);
  for (const { hostname, port } of net.http?.addresses ?? []) {
    printLine(
      `listens for HTTP on http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`,
    );
  }
  if (options.memory.source === "assumed") {
    printLine(
      `may use ${
        formatByteSize(options.memory.bytes)
      } (the machine's memory may not be asked for: see --max-bytes)`,
    );
  }
}

function startTimers(
  options: ServeOptions,
  parts: { arena: Arena; log: Logger; startMs: number },
): Timer[] {
  const { arena, log } = parts;
  const registry = new Registry(arena, { threadIndex: 0 });
  const timers = [
    setInterval(
      () => tickUptime(arena, (systemClock.monotonicMs() - parts.startMs) / 1000),
      TICK_MS,
    ),
  ];
  if (options.pruneAfterSeconds > 0) {
    timers.push(setInterval(() => {
      if (changesRefused(arena)) return;
      let pruned = 0;
      for (const handle of idleHistograms(registry, options.pruneAfterSeconds)) {
        if (pruneHistogram(registry, handle, options.pruneAfterSeconds)) pruned++;
      }
      if (pruned > 0) {
        log.info("deleted idle histograms", {
          histograms: pruned,
          idle_seconds: options.pruneAfterSeconds,
        });
      }
    }, intervalMs(options.pruneIntervalSeconds)));
  }
  if (options.statsIntervalSeconds > 0) {
    timers.push(setInterval(() => {
      const { histograms, chunkBytes } = readUsage(arena, null);
      log.info("stats", { histograms, chunk_bytes: chunkBytes, memory_bytes: arena.usedBytes });
    }, intervalMs(options.statsIntervalSeconds)));
  }
  return timers;
}

/** Past 2^31 - 1 ms a timer would fire at once. */
function intervalMs(seconds: number): number {
  return Math.min(seconds * 1000, 2 ** 31 - 1);
}

/** Half-updated memory is never served: whatever a thread did not catch ends the process. */
function endAtOnce(log: Logger, thread: string, message: string): never {
  log.critical("ends at once: a thread failed; what was acknowledged is on disk", {
    thread,
    error: message,
  });
  Deno.exit(70);
}

function readFailpoint(): string | null {
  try {
    return Deno.env.get("HISTSERV_FAILPOINT") ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}

/** Resolves with the name of the first signal that asks for an end; a second one ends at once. */
function firstSignal(): Promise<Deno.Signal> {
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  return new Promise((resolve) => {
    let isAsked = false;
    for (const signal of signals) {
      Deno.addSignalListener(signal, () => {
        if (isAsked) Deno.exit(130);
        isAsked = true;
        resolve(signal);
      });
    }
  });
}

/** The result, or null after `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: Timer | undefined;
  const late = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), ms));
  const result = await Promise.race([promise, late]);
  clearTimeout(timer);
  return result;
}
