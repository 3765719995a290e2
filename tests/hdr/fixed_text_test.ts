import assert from "node:assert/strict";
import { formatFixedC, formatFixedJava } from "../../lib/hdr/fixed_text.ts";

interface Row {
  readonly value: number;
  readonly digits: number;
  readonly java: string;
  readonly c: string;
}

async function readRows(): Promise<Row[]> {
  const url = new URL("../data/hdr/fixed-decimals.tsv", import.meta.url);
  const view = new DataView(new ArrayBuffer(8));
  return (await Deno.readTextFile(url)).trim().split("\n").slice(1).map((line) => {
    const [bits, digits, java, c] = line.split("\t");
    view.setBigUint64(0, BigInt(`0x${bits}`));
    return { value: view.getFloat64(0), digits: Number(digits), java: java!, c: c! };
  });
}

Deno.test("formatFixedJava: the shortest decimal, rounded half up (Java 17, String.format)", async () => {
  for (const { value, digits, java } of await readRows()) {
    assert.equal(formatFixedJava(value, digits), java, `${value} to ${digits}`);
  }
});

Deno.test("formatFixedC: the exact binary value, ties to even (C printf)", async () => {
  for (const { value, digits, c } of await readRows()) {
    assert.equal(formatFixedC(value, digits), c, `${value} to ${digits}`);
  }
});

Deno.test("formatFixedJava, formatFixedC: where the rules part", () => {
  const rows: [number, number, string, string][] = [
    [1.005, 2, "1.01", "1.00"], // 1.00499999999999989… in binary
    [0.125, 2, "0.13", "0.12"],
    [0.375, 2, "0.38", "0.38"],
    [0.5, 0, "1", "0"],
    [9.995, 2, "10.00", "9.99"],
    [-0.001, 2, "-0.00", "-0.00"],
    [0.006, 2, "0.01", "0.01"],
    [1e22, 1, "10000000000000000000000.0", "10000000000000000000000.0"],
    [Infinity, 2, "Infinity", "inf"],
    [NaN, 2, "NaN", "nan"],
  ];
  for (const [value, digits, java, c] of rows) {
    assert.equal(formatFixedJava(value, digits), java);
    assert.equal(formatFixedC(value, digits), c);
  }
});
