/**
 * Filling a million entries here and in boost-histogram, by turns, so that both meet the same load: the median time of
 * each and their ratio. At most 1 is at least as fast as the C++ library.
 *
 *     deno run -A tests/bench/hist_compare.ts [rounds]
 *
 * @module
 */

import assert from "node:assert/strict";
import { systemClock } from "../../lib/base/mod.ts";
import { Hist, RegularAxis, type StorageType, sum } from "../../lib/hist/mod.ts";
import { pythonTool } from "../support/python.ts";
import { toolPath } from "../support/tools.ts";

interface Case {
  readonly name: string;
  readonly storage: StorageType;
  readonly dimensions: 1 | 2;
  readonly weighted: boolean;
  /** The most that the issue allows. */
  readonly ratioMax: number;
}

const cases: readonly Case[] = [
  { name: "1-D double", storage: "double", dimensions: 1, weighted: false, ratioMax: 1 },
  { name: "1-D int64", storage: "int64", dimensions: 1, weighted: false, ratioMax: 1.2 },
  { name: "1-D weight, weighted", storage: "weight", dimensions: 1, weighted: true, ratioMax: 1.2 },
  { name: "2-D double", storage: "double", dimensions: 2, weighted: false, ratioMax: 1.2 },
  { name: "2-D weight, weighted", storage: "weight", dimensions: 2, weighted: true, ratioMax: 1.2 },
];

const entries = 1_000_000;

/** Answers each line, a case as JSON, with the milliseconds that boost-histogram took. */
const program = `
import json, sys, time
import numpy as np, boost_histogram as bh
x, y, w = (np.frombuffer(sys.stdin.buffer.read(8 * ${entries})) for _ in range(3))
storages = {"double": bh.storage.Double, "int64": bh.storage.Int64, "weight": bh.storage.Weight}
print("boost-histogram", bh.__version__, flush=True)
for line in sys.stdin.buffer:
    case = json.loads(line)
    args = (x, y)[: case["dimensions"]]
    kwargs = {"weight": w} if case["weighted"] else {}
    start = time.perf_counter()
    axes = [bh.axis.Regular(100, -3, 3) for _ in args]
    hist = bh.Histogram(*axes, storage=storages[case["storage"]]())
    hist.fill(*args, **kwargs)
    print((time.perf_counter() - start) * 1000, flush=True)
`;

const uniform = (lower: number, upper: number) =>
  Float64Array.from({ length: entries }, () => lower + (upper - lower) * nextUniform());
let state = 1;

/** Any numbers will do: this generator is faster than a good one. */
function nextUniform(): number {
  state = (Math.imul(1664525, state) + 1013904223) >>> 0;
  return state / 4294967296;
}

const x = uniform(-3, 3);
const y = uniform(-3, 3);
const weight = uniform(0.5, 1.5);
const axis = new RegularAxis({ bins: 100, lower: -3, upper: 3 });

/** Milliseconds of one fill here; the result is checked. */
function fillHere({ storage, dimensions, weighted }: Case): number {
  const startMs = systemClock.monotonicMs();
  const hist = new Hist(dimensions === 1 ? [axis] : [axis, axis], { storage });
  hist.fill(dimensions === 1 ? [x] : [x, y], weighted ? { weight } : {});
  const elapsedMs = systemClock.monotonicMs() - startMs;
  const total = Number(sum(hist, { flow: true }).value);
  assert.ok(Math.abs(total - entries) < (weighted ? 2000 : 1), `${total}`);
  return elapsedMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncIterableIterator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never)) {
    const lines = (rest + (text as unknown as string)).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 15);
  const python = new Deno.Command(toolPath(await pythonTool("0.2.1")), {
    args: ["-c", program],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = python.stdin.getWriter();
  const output = linesOf(python.stdout);
  for (const column of [x, y, weight]) await input.write(new Uint8Array(column.buffer));
  console.log(`${(await output.next()).value}, Deno ${Deno.version.deno}, ${rounds} rounds`);
  for (const one of cases) {
    const here: number[] = [];
    const there: number[] = [];
    for (let round = 0; round < rounds + 3; round++) {
      here.push(fillHere(one));
      await input.write(new TextEncoder().encode(`${JSON.stringify(one)}\n`));
      there.push(Number((await output.next()).value));
    }
    // The first rounds warm both up.
    const [ours, theirs] = [median(here.slice(3)), median(there.slice(3))];
    const ratio = ours / theirs;
    const verdict = ratio <= one.ratioMax ? "ok" : `above ${one.ratioMax}`;
    console.log(
      `${one.name.padEnd(22)} ${ours.toFixed(2)} ms, boost-histogram ${theirs.toFixed(2)} ms: ` +
        `${ratio.toFixed(2)} ${verdict}`,
    );
  }
  await input.close();
  await python.status;
}
