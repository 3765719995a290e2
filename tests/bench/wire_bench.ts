/**
 * What decoding costs: `deno bench -A tests/bench/wire_bench.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";

import { SeededPrng } from "../../lib/base/mod.ts";
import { FillRequestSchema } from "../../lib/wire/gen.ts";
import { decodeFill } from "../../lib/wire/mod.ts";

const prng = new SeededPrng(1);
const denseView = new Uint8Array(2048);
const uniqueId = new Uint8Array(32);
const chunkKey = [
  { value: { case: "stringValue" as const, value: "muon_endcap" } },
  { value: { case: "intValue" as const, value: -3n } },
];

benchFill("2 KB", { denseView });
benchFill("2 KB, unique id", { denseView, uniqueId });
benchFill("2 KB, unique id, two categories", { denseView, uniqueId, chunkKey });

function benchFill(name: string, fields: MessageInitShape<typeof FillRequestSchema>): void {
  // Different ids, as on a server.
  const messages = Array.from({ length: 64 }, () => {
    const histId = Array.from({ length: 4 }, () => prng.u32().toString(16).padStart(8, "0")).join(
      "",
    );
    return toBinary(FillRequestSchema, create(FillRequestSchema, { ...fields, histId }));
  });
  let next = 0;
  Deno.bench(`decodeFill: ${name}`, { group: name, baseline: true }, () => {
    assert.ok(decodeFill(messages[next++ & 63]!).denseView.length === 2048);
  });
  Deno.bench(`protobuf runtime: ${name}`, { group: name }, () => {
    assert.ok(fromBinary(FillRequestSchema, messages[next++ & 63]!).denseView.length === 2048);
  });
}
