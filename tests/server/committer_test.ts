import assert from "node:assert/strict";
import {
  addChunks,
  Arena,
  publishHistogram,
  Registry,
  setDurability,
  stopCommitter,
} from "../../lib/accum/mod.ts";
import { systemClock, uuid4Hex } from "../../lib/base/mod.ts";
import { playCommitter } from "../../lib/server/committer.ts";
import type { ThreadReport } from "../../lib/server/thread.ts";
import { bytesOf, f64Bytes } from "../accum/support.ts";

/** A committer that runs in this thread, over a directory. */
class TestCommitter {
  readonly registry: Registry;
  readonly #reports = new Map<string, ThreadReport>();
  readonly #waiting = new Map<string, (report: ThreadReport) => void>();

  constructor(
    dataDir: string,
    options: { durability?: "commit" | { intervalMs: number }; budgetBytes?: number } = {},
  ) {
    const { durability = "commit", budgetBytes = 64 * 2 ** 20 } = options;
    const arena = Arena.create(budgetBytes, { hashSeed: 5 });
    setDurability(arena, durability === "commit" ? "commit" : "interval");
    this.registry = new Registry(arena, { threadIndex: 0 });
    playCommitter({
      role: "committer",
      setting: {
        buffer: arena.buffer,
        threadIndex: 0,
        startedWallMs: systemClock.wallMs(),
        version: "test",
        messageBytesMax: 2 ** 20,
        flushDir: "",
        mainUrl: "",
        tokenDigests: null,
        logLevel: "critical",
        logFormat: "text",
      },
      dataDir,
      durability: durability === "commit"
        ? { kind: "commit" }
        : { kind: "interval", intervalMs: durability.intervalMs },
      failpoint: null,
    }, (report) => {
      this.#reports.set(report.kind, report);
      this.#waiting.get(report.kind)?.(report);
    });
  }

  /** Resolves with the report of this kind. */
  async report(kind: ThreadReport["kind"]): Promise<ThreadReport> {
    const alive = setInterval(() => {}, 1000);
    try {
      return this.#reports.get(kind) ??
        await new Promise<ThreadReport>((resolve) => this.#waiting.set(kind, resolve));
    } finally {
      clearInterval(alive);
    }
  }

  /** Makes a histogram of `cells` cells; gives its id. */
  make(cells: number): string {
    const id = uuid4Hex();
    const handle = this.registry.prepare({
      id,
      tokenDigest: null,
      arithmetic: "f64",
      chunkBytes: 8 * cells,
      createdWallMs: 0,
      name: "",
      label: "",
      categoryAxes: 0,
      json: "{}",
    });
    publishHistogram(this.registry, handle);
    return id;
  }

  fill(id: string, name: string): void {
    const handle = this.registry.find(id)!;
    const cells = f64Bytes(new Array(handle.metadata.chunkBytes / 8).fill(1));
    addChunks(this.registry, handle, {
      additions: [{ key: new Uint8Array(0), cells }],
      uniqueId: bytesOf(name),
    });
  }

  async stop(): Promise<void> {
    stopCommitter(this.registry.arena);
    await this.report("closed");
  }
}

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What the next start finds. */
async function restored(directory: string, budgetBytes?: number): Promise<ThreadReport> {
  const next = new TestCommitter(directory, budgetBytes === undefined ? {} : { budgetBytes });
  const report = await Promise.race([next.report("restored"), next.report("failed")]);
  if (report.kind === "restored") await next.stop();
  return report;
}

Deno.test("committer: a stop ends a pause between commits, and loses nothing (--durability interval)", () =>
  withDirectory(async (directory) => {
    const committer = new TestCommitter(directory, { durability: { intervalMs: 3_600_000 } });
    await committer.report("restored");
    const id = committer.make(4);
    committer.fill(id, "first");
    // Turns of the event loop, until the committer is in its pause of an hour.
    for (let turn = 0; turn < 50; turn++) await new Promise((next) => setTimeout(next));
    committer.fill(id, "second");
    await committer.stop();
    const report = await restored(directory);
    assert.ok(report.kind === "restored");
    assert.deepEqual(report.report, { histograms: 1, chunks: 1, uniqueIds: 2 });
  }));

Deno.test("committer: what fitted the budget fits it again after a restart", () =>
  withDirectory(async (directory) => {
    const budgetBytes = 2 ** 20;
    const committer = new TestCommitter(directory, { budgetBytes });
    await committer.report("restored");
    const id = committer.make(2);
    let fills = 0;
    assert.throws(() => {
      for (;; fills++) committer.fill(id, `${fills}`.padStart(9, "0"));
    }, /in use/);
    // The table of ids is as full as it may be, so the next start makes a larger one; and all else is used up.
    let histograms = 1;
    assert.throws(() => {
      for (;; histograms++) committer.make(1);
    }, /in use/);
    await committer.stop();
    const report = await restored(directory, budgetBytes);
    assert.ok(report.kind === "restored", JSON.stringify(report));
    assert.deepEqual(report.report, { histograms, chunks: 1, uniqueIds: fills });
  }));

Deno.test("committer: data beyond the budget end the start, and the message says what to do", () =>
  withDirectory(async (directory) => {
    const committer = new TestCommitter(directory);
    await committer.report("restored");
    committer.fill(committer.make(8 * 2 ** 20 / 8 * 6), "a");
    await committer.stop();
    const report = await restored(directory, 2 ** 20);
    assert.ok(report.kind === "failed");
    assert.match(report.message, /--max-bytes/);
  }));
