/** @module */

import assert from "node:assert/strict";
import { formatByteSize, parseByteSize } from "../../lib/server/byte_size.ts";

const gib = 2 ** 30;

Deno.test("parseByteSize and formatByteSize: units, fractions, nonsense", () => {
  assert.equal(parseByteSize("1 KiB"), 1024);
  assert.equal(parseByteSize("1kB"), 1000);
  assert.equal(parseByteSize("0"), 0);
  for (const bad of ["", "KiB", "-1", "1e3", "1 2", "1KiBs", "9999999TiB", "1.KiB"]) {
    assert.equal(parseByteSize(bad), null, bad);
  }
  assert.equal(formatByteSize(1023), "1023 bytes");
  assert.equal(formatByteSize(1.5 * gib), "1.5 GiB");
});
