/** @module */

import assert from "node:assert/strict";
import { listImports, readSource } from "./source_text.ts";

Deno.test("listImports: every form of import, over lines, and none in comments or strings", () => {
  const source = readSource(`
    import a from "./a.ts"; // import no from "./no1.ts"
    import { b,
      type c } from './b.ts';
    import "./side.ts";
    export { d } from "./d.ts";
    export type { e } from "./e.ts";
    import * as f from "npm:f";
    /* import x from "./no2.ts" */
    const g = await import("./g.ts");
    const h = \`import x from "./no3.ts" \${import("./h.ts")}\`;
    const i = "import('./no4.ts')";
    const j = /["'/]import "no5"/;
    const k = 4 / 2; import l from "./l.ts";
  `);
  assert.deepEqual(listImports(source).sort(), [
    "./a.ts",
    "./b.ts",
    "./d.ts",
    "./e.ts",
    "./g.ts",
    "./h.ts",
    "./l.ts",
    "./side.ts",
    "npm:f",
  ]);
});

Deno.test("readSource: code holds no comment and no string, and keeps its lines", () => {
  const whole =
    'f("Date.now"); // Date.now\ng(/Date.now/, `${h({ a: 1 })} Date.now`);\n/** any */ i();\n';
  const { code, uncommented } = readSource(whole);
  assert.doesNotMatch(code, /Date|any/);
  assert.match(code, /h\(\{ a: 1 \}\)/);
  assert.match(code, /i\(\)/);
  assert.equal(code.split("\n").length, whole.split("\n").length);
  assert.equal(uncommented.match(/Date/g)?.length, 3);
});
