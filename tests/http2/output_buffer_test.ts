/** The queue of bytes to be written. */
import assert from "node:assert/strict";
import { OutputBuffer } from "../../lib/http2/output_buffer.ts";
import { SeededPrng } from "../../lib/base/mod.ts";
import { concat } from "./support/frames.ts";

Deno.test("OutputBuffer: bytes come out in the order they went in, whatever their size (seeded)", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const prng = new SeededPrng(seed);
    const output = new OutputBuffer();
    const put: Uint8Array[] = [];
    const got: Uint8Array[] = [];
    for (let step = 0; step < 200; step++) {
      const bytes = new Uint8Array(prng.int(1, 20_000)).fill(step);
      if (prng.int(0, 3) === 0) output.pushView(bytes);
      else output.copy(concat(bytes, bytes), 0, bytes.length);
      put.push(bytes);
      if (prng.int(0, 10) === 0) got.push(concat(...output.take()));
    }
    got.push(concat(...output.take()));
    assert.deepEqual(concat(...got), concat(...put), `seed ${seed}`);
    assert.equal(output.length, 0);
  }
});

Deno.test("OutputBuffer: pieces stay as they are until the next take", () => {
  const output = new OutputBuffer();
  for (let round = 0; round < 10; round++) {
    output.copy(new Uint8Array(3000).fill(round));
    const pieces = output.take();
    output.copy(new Uint8Array(3000).fill(0xff)); // Comes while the pieces are written.
    assert.deepEqual(concat(...pieces), new Uint8Array(3000).fill(round));
    assert.deepEqual(concat(...output.take()), new Uint8Array(3000).fill(0xff));
  }
});

Deno.test("OutputBuffer: is busy until what was taken is known to be written", () => {
  const output = new OutputBuffer();
  assert.equal(output.isBusy, false);
  output.copy(Uint8Array.of(1));
  assert.equal(output.isBusy, true);
  output.take();
  assert.equal(output.isBusy, true);
  assert.deepEqual(output.take(), []);
  assert.equal(output.isBusy, false);
});
