import assert from "node:assert/strict";
import { Hist, RegularAxis, StrCategoryAxis } from "../../lib/hist/mod.ts";
import { formatHeatMap, heatMap, viridis } from "../../lib/plot/mod.ts";

const esc = "\x1b[";
const reset = `${esc}0m`;

Deno.test("heatMap: without colours, shades, bottom row last, empty cells blank", () => {
  // Columns (1, 0), (2, 4): the second value of each is the upper row.
  const grid = { values: [1, 0, 2, 4], xSize: 2, ySize: 2 };
  assert.deepEqual(heatMap(grid, { width: 2, height: 2, colors: "none" }), [" █", "░▒"]);
});

Deno.test("heatMap: two rows a line, the upper in front of the lower", () => {
  const grid = { values: [1, 2], xSize: 1, ySize: 2 };
  const [top, bottom] = [viridis(1), viridis(0)];
  assert.deepEqual(heatMap(grid, { width: 1, height: 1 }), [
    `${esc}0;38;2;${top.join(";")};48;2;${bottom.join(";")}m▀${reset}`,
  ]);
  assert.deepEqual(heatMap(grid, { width: 1, height: 1, colors: "256" }), [
    `${esc}0;38;5;220;48;5;53m▀${reset}`,
  ]);
});

Deno.test("heatMap: half a line where one of two rows is empty, a colour only where it changes", () => {
  const upper = heatMap({ values: [0, 3, 0, 3], xSize: 2, ySize: 2 }, { width: 2, height: 1 });
  assert.deepEqual(upper, [`${esc}0;38;2;${viridis(1).join(";")}m▀▀${reset}`]);
  const lower = heatMap({ values: [3, 0], xSize: 1, ySize: 2 }, { width: 1, height: 1 });
  assert.deepEqual(lower, [`${esc}0;38;2;${viridis(1).join(";")}m▄${reset}`]);
  assert.deepEqual(heatMap({ values: [0, 0], xSize: 1, ySize: 2 }, { width: 1, height: 1 }), [""]);
});

Deno.test("heatMap: fewer cells than room are repeated, more are averaged", () => {
  const wide = heatMap({ values: [1, 2], xSize: 2, ySize: 1 }, {
    width: 5,
    height: 1,
    colors: "none",
  });
  assert.deepEqual(wide, ["░░██"]);
  const many = heatMap({ values: [2, 4, 8, 10], xSize: 4, ySize: 1 }, {
    width: 2,
    height: 1,
    colors: "none",
    range: [3, 9],
  });
  assert.deepEqual(many, ["░█"]);
});

Deno.test("heatMap: logarithmic, and beside the range", () => {
  const draw = (values: number[], options: object) =>
    heatMap({ values, xSize: values.length, ySize: 1 }, {
      width: values.length,
      height: 1,
      colors: "none",
      ...options,
    });
  assert.deepEqual(draw([1, 10, 100, 1000], {}), ["░░░█"]);
  assert.deepEqual(draw([1, 10, 100, 1000], { isLog: true }), ["░▒▓█"]);
  assert.deepEqual(draw([-1, 0, NaN, 5], { isLog: true }), ["   █"]);
  assert.deepEqual(draw([-1, 1, 5, 99], { range: [0, 8] }), ["░░▓█"]);
});

Deno.test("heatMap: refuses another number of values than cells", () => {
  assert.throws(() => heatMap({ values: [1], xSize: 1, ySize: 2 }), RangeError);
  assert.throws(() => heatMap({ values: [], xSize: 0, ySize: 2 }), RangeError);
});

Deno.test("formatHeatMap: names, edges, frame and key", () => {
  const hist = new Hist([
    new RegularAxis({ bins: 4, lower: 0, upper: 2, name: "x", label: "x [cm]" }),
    new RegularAxis({ bins: 2, lower: -1, upper: 1, name: "y" }),
  ]);
  hist.fill([[0.1, 0.6, 0.6, 1.9, 1.9, 1.9], [-0.5, -0.5, -0.5, 0.5, 0.5, 0.5]]);
  assert.equal(
    formatHeatMap(hist, { width: 9, height: 7, colors: "none" }),
    [
      "y over x [cm]",
      "   ┌────┐",
      " 1 │   █│",
      "-1 │░▓  │",
      "   └────┘",
      "   0    2",
      "   1 to 3 in a bin",
      "",
    ].join("\n"),
  );
});

Deno.test("formatHeatMap: every line of the picture is equally wide, in all colours", () => {
  const hist = new Hist([
    new StrCategoryAxis({ categories: ["a", "b", "a very long category"], name: "c" }),
    new RegularAxis({ bins: 50, lower: 0, upper: 1, name: "x" }),
  ]);
  hist.fill([["a", "b", "b"], [0.1, 0.5, 0.99]]);
  for (const colors of ["rgb", "256", "none"] as const) {
    const text = formatHeatMap(hist, { width: 60, height: 15, colors });
    const plain = text.replaceAll(/\p{Cc}\[[\d;]*m/gu, "").trimEnd().split("\n");
    assert.ok(plain.length <= 15);
    const widths = plain.slice(1, -2).map((line) => [...line].length);
    assert.equal(new Set(widths).size, 1);
    assert.ok(widths[0]! <= 60);
    assert.match(plain.at(-2)!, /a very long…$/);
  }
});

Deno.test("formatHeatMap: an empty histogram is a frame; one axis is refused", () => {
  const axis = new RegularAxis({ bins: 2, lower: 0, upper: 1 });
  assert.match(formatHeatMap(new Hist([axis, axis])), /empty\n$/);
  assert.throws(() => formatHeatMap(new Hist([axis])), RangeError);
});
