/** @module */

import assert from "node:assert/strict";
import { chooseBudget, readMemoryFacts } from "../../lib/server/memory.ts";

const gib = 2 ** 30;

Deno.test("chooseBudget: half of the machine, or of the container if that is smaller", () => {
  const facts = { machineBytes: 16 * gib, cgroupBytes: null, heapLimitBytes: 4 * gib };
  assert.deepEqual(chooseBudget(facts), { bytes: 8 * gib, source: "machine" });
  assert.deepEqual(chooseBudget({ ...facts, cgroupBytes: 2 * gib }), {
    bytes: gib,
    source: "cgroup",
  });
  assert.deepEqual(chooseBudget({ ...facts, cgroupBytes: 32 * gib }), {
    bytes: 8 * gib,
    source: "machine",
  });
  assert.deepEqual(chooseBudget({ ...facts, machineBytes: 512 * gib }), {
    bytes: 64 * gib,
    source: "machine",
  });
});

Deno.test("chooseBudget: 4 GiB where nothing may be asked, less where V8 sees a small machine", () => {
  const facts = { machineBytes: null, cgroupBytes: null, heapLimitBytes: 4.09 * gib };
  assert.deepEqual(chooseBudget(facts), { bytes: 4 * gib, source: "assumed" });
  assert.deepEqual(chooseBudget({ ...facts, heapLimitBytes: 0.5 * gib }), {
    bytes: gib,
    source: "assumed",
  });
});

Deno.test("readMemoryFacts: with all permissions, this machine has some memory", () => {
  const facts = readMemoryFacts();
  assert.ok(facts.heapLimitBytes > 0);
  assert.ok(facts.machineBytes === null || facts.machineBytes > 2 ** 26);
});
