import assert from "node:assert/strict";
import { MessageBuffers } from "../../lib/transport/message_buffers.ts";
import { RequestBody } from "../../lib/transport/request_body.ts";
import { pattern } from "./fake_stream.ts";

function makeBody(
  budgetBytes = 1_000,
): { body: RequestBody; credits: number[]; buffers: MessageBuffers } {
  const credits: number[] = [];
  const buffers = new MessageBuffers(budgetBytes);
  const body = new RequestBody({ buffers, credit: (bytes) => credits.push(bytes) });
  return { body, credits, buffers };
}

Deno.test("RequestBody: credits what is read, not what waits (RFC 9113 §5.2)", async () => {
  const { body, credits, buffers } = makeBody();
  assert.ok(body.push(pattern(10)));
  assert.ok(body.push(pattern(20)));
  assert.deepEqual([credits, buffers.usedBytes], [[], 30]);
  assert.deepEqual(await body.next(), {
    done: false,
    value: new Uint8Array([...pattern(10), ...pattern(20)]),
  });
  assert.deepEqual([credits, buffers.usedBytes], [[30], 0]);
  body.end();
  assert.equal((await body.next()).done, true);
});

Deno.test("RequestBody: copies, because data are borrowed", async () => {
  const { body } = makeBody();
  const data = pattern(4);
  body.push(data);
  data.fill(99);
  assert.deepEqual((await body.next()).value, pattern(4));
});

Deno.test("RequestBody: many tiny pieces are joined", async () => {
  const { body } = makeBody(10_000);
  const expected = pattern(5_000);
  for (let i = 0; i < 5_000; i++) body.push(expected.subarray(i, i + 1));
  assert.deepEqual((await body.next()).value, expected);
  body.push(expected.subarray(0, 3));
  assert.deepEqual((await body.next()).value, expected.subarray(0, 3));
});

Deno.test("RequestBody: a reader that waits wakes for data, for the end and for a failure", async () => {
  for (const event of ["push", "end", "fail"] as const) {
    const { body } = makeBody();
    const next = body.next();
    if (event === "push") body.push(pattern(1));
    if (event === "end") body.end();
    if (event === "fail") body.fail(new RangeError("gone"));
    if (event === "fail") await assert.rejects(next, { message: "gone" });
    else assert.equal((await next).done, event === "end");
  }
});

Deno.test("RequestBody: beyond the budget nothing is kept", () => {
  const { body, buffers } = makeBody(15);
  assert.ok(body.push(pattern(10)));
  assert.ok(!body.push(pattern(6)));
  assert.equal(buffers.usedBytes, 10);
  body.fail(new RangeError("gone"));
  assert.equal(buffers.usedBytes, 0);
});

Deno.test("RequestBody: after return() data are credited at once", async () => {
  const { body, credits } = makeBody();
  body.push(pattern(10));
  await body.return();
  assert.deepEqual(credits, [10]);
  assert.ok(body.push(pattern(5_000)));
  assert.deepEqual(credits, [10, 5_000]);
  assert.equal((await body.next()).done, true);
  assert.equal(body.isEnded, false);
});
