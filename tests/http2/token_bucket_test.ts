/** A rate with bursts. */
import assert from "node:assert/strict";
import { TokenBucket } from "../../lib/http2/token_bucket.ts";

function taken(bucket: TokenBucket, nowMs: number): number {
  for (let count = 0;; count++) {
    bucket.take(nowMs);
    if (bucket.isOverdrawn) return count;
  }
}

Deno.test("TokenBucket: gives its burst, then its rate", () => {
  const bucket = new TokenBucket({ burst: 10, perSecond: 2, nowMs: 0 });
  assert.equal(taken(bucket, 0), 10); // The eleventh left -1.
  assert.equal(taken(bucket, 2000), 3); // -1 + 4.
});

Deno.test("TokenBucket: never saves more than its burst", () => {
  const bucket = new TokenBucket({ burst: 10, perSecond: 2, nowMs: 0 });
  bucket.add(100);
  assert.equal(taken(bucket, 1_000_000), 10);
});
