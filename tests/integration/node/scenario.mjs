/**
 * What every JavaScript client does, whatever carries its calls: makes a histogram, fills it, reads
 * it back, is refused what must be refused, deletes it. Runs in Node and in Deno.
 *
 * @module
 */

/** A regular axis of four bins with flow: six cells, 48 bytes. */
const histJson = JSON.stringify({
  uhi_schema: 1,
  axes: [{
    type: "regular",
    lower: 0,
    upper: 4,
    bins: 4,
    underflow: true,
    overflow: true,
    circular: false,
    metadata: { name: "x", label: "" },
  }],
  storage: { type: "double" },
  metadata: { name: "from JavaScript", label: "" },
});

/** Codes of gRPC that the scenario expects. */
const ALREADY_EXISTS = 6;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

/**
 * Runs the scenario; throws where an answer is not as it must be.
 *
 * @param {(method: string, request: Record<string, unknown>, token?: string) => Promise<any>} call
 *   Calls a method; messages are plain objects with lowerCamelCase fields. It rejects with an error
 *   that has a numeric `code`.
 * @returns {Promise<void>}
 */
export async function runScenario(call) {
  const token = "a token of JavaScript";
  const view = new Uint8Array(Float64Array.from([0, 1, 2, 3, 4, 5]).buffer);
  const { histId } = await call("init", { payload: { histJson, chunks: [] } }, token);
  check(/^[0-9a-f]{32}$/.test(histId), `id ${histId}`);

  const uniqueId = Uint8Array.of(1, 2, 3);
  await call("fill", { histId, uniqueId, denseView: view }, token);
  await rejects(ALREADY_EXISTS, call("fill", { histId, uniqueId, denseView: view }, token));
  await call("fillMany", { histId, chunks: [{ denseView: view }, { denseView: view }] }, token);
  const bad = { histId, denseView: new Uint8Array(3) };
  const { message } = await rejects(INVALID_ARGUMENT, call("fill", bad, token));
  check(message.length > 0, "a message");

  const { payload } = await call("snapshot", { histId }, token);
  const cells = [...new Float64Array(Uint8Array.from(payload.chunks[0].denseView).buffer)];
  check(cells.join() === "0,3,6,9,12,15", `cells ${cells}`);
  const described = await call("describe", { histId }, token);
  check(JSON.parse(described.histJson).metadata.name === "from JavaScript", "hist_json");
  const filled = await call("wasFilledWithUniqueId", { histId, uniqueId }, token);
  check(filled.wasFilled === true, "was_filled");

  await rejects(NOT_FOUND, call("describe", { histId }));
  await rejects(NOT_FOUND, call("describe", { histId }, "another token"));
  const { exists } = await call("exists", { histId });
  check(exists === false, "exists without a token");
  const stats = await call("stats", {}, token);
  check(Number(stats.tokenScoped.histogramCount) === 1, "token_scoped.histogram_count");
  await call("delete", { histId }, token);
  check((await call("exists", { histId }, token)).exists === false, "exists after delete");
}

/** @returns {Promise<any>} the error */
async function rejects(code, promise) {
  const error = await promise.then(() => null, (reason) => reason);
  check(error !== null, `no error with code ${code}`);
  check(error.code === code, `code ${error.code} (${error.message}), expected ${code}`);
  return error;
}

function check(condition, what) {
  if (!condition) throw new TypeError(`Cannot accept the answer: ${what}`);
}
