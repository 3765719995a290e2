import assert from "node:assert/strict";
import {
  Hist,
  IntCategoryAxis,
  parseUhi,
  RegularAxis,
  select,
  StrCategoryAxis,
} from "../../../lib/hist/mod.ts";
import { Code } from "../../../lib/service/errors.ts";
import type { CellEncoding } from "../../../lib/wire/gen_v1.ts";
import { TestService } from "../support.ts";
import { ask, cellsOf, load, refuses, type SelectionInit } from "./questions.ts";

const hist = new Hist([
  new RegularAxis({ name: "x", bins: 4, lower: -2, upper: 2 }),
  new StrCategoryAxis({ name: "dataset", categories: ["a", "b", "c"], growth: true }),
  new IntCategoryAxis({ name: "channel", categories: [3, 1, 4] }),
], { storage: "int64" });
hist.fill([[-1.5, 0.5, 7, 1], ["a", "b", "a", "c"], [3, 4, 9, 9]]);

Deno.test("Selection: refusals name the path of the field", () => {
  const service = new TestService();
  const { context } = service;
  const histId = load(service, hist);
  const named = (name: string) => ({ case: "name" as const, value: name });
  const point = (value: object) => ({ case: "point" as const, value });
  const x = named("x");
  const dataset = named("dataset");
  const index = (value: bigint) => ({ point: { case: "index" as const, value } });
  const category = (value: object) => ({ point: { case: "category", value: { value } } });
  const rows: [SelectionInit["axes"], string][] = [
    [[{ take: point(index(0n)) }], "selection.axes[0]: an axis needs its name or number"],
    [[{ axis: x }], "selection.axes[0]: a point, slice or pick is missing"],
    [
      [{ axis: named("y"), take: point(index(0n)) }],
      'selection.axes[0].name: there is no axis called "y"',
    ],
    [
      [{ axis: { case: "number", value: 3 }, take: point(index(0n)) }],
      "selection.axes[0].number: there is no axis 3 of 3",
    ],
    [
      [
        { axis: x, take: point(index(0n)) },
        { axis: { case: "number", value: -3 }, take: point(index(0n)) },
      ],
      "selection.axes[1]: axis 0 is selected twice",
    ],
    [[{ axis: x, take: point({}) }], "selection.axes[0].point: no point is set"],
    [[{ axis: x, take: point(index(4n)) }], "selection.axes[0].point: there is no bin 4 of 4"],
    [
      [{ axis: x, take: point({ ...index(0n), offset: 1n }) }],
      "selection.axes[0].point.offset: a point by index is not moved",
    ],
    [
      [{ axis: x, take: point(index(2n ** 62n)) }],
      "selection.axes[0].point.index: 4611686018427387904 is beyond 2^53",
    ],
    [
      [
        { axis: dataset, take: { case: "slice", value: {} } },
        { axis: x, take: { case: "slice", value: { start: {} } } },
      ],
      "selection.axes[1].slice.start: no point is set",
    ],
    [
      [{
        axis: x,
        take: { case: "slice", value: { action: { case: "rebinFactor", value: 0 } } },
      }],
      "selection.axes[0].slice: cannot merge 0 bins",
    ],
    [
      [{ axis: x, take: point(category({ case: "text", value: "a" })) }],
      "selection.axes[0].point.category: the axis has no categories",
    ],
    [
      [{ axis: dataset, take: point(category({ case: "integer", value: 3n })) }],
      "selection.axes[0].point.category: the axis has string categories, not 3",
    ],
    [
      [{ axis: named("channel"), take: point(category({ case: "text", value: "a" })) }],
      'selection.axes[0].point.category: the axis has integer categories, not "a"',
    ],
    [
      [{ axis: named("channel"), take: point(category({ case: "integer", value: 2n ** 31n })) }],
      "selection.axes[0].point.category: 2147483648 is no 32-bit integer",
    ],
    [
      [{ axis: dataset, take: point(category({ case: "text", value: "data" })) }],
      'selection.axes[0].point: it has no category "data"',
    ],
    [
      [{ axis: dataset, take: point(category({ case: undefined })) }],
      "selection.axes[0].point: it has no overflow bin",
    ],
    [
      [{ axis: dataset, take: { case: "pick", value: { items: [{}] } } }],
      "selection.axes[0].pick.items[0]: a point or pattern is missing",
    ],
    [
      [{ axis: dataset, take: { case: "pick", value: {} } }],
      "selection.axes[0].pick: no category is picked",
    ],
    [
      [{
        axis: dataset,
        take: {
          case: "pick",
          value: { items: [{ item: { case: "pattern", value: "x".repeat(257) } }] },
        },
      }],
      "selection.axes[0].pick.items[0].pattern: it has 257 characters, the limit is 256",
    ],
  ];
  for (const [axes, message] of rows) {
    refuses(
      () => ask(context, histId, { axes } as SelectionInit),
      Code.InvalidArgument,
      message,
    );
  }
  refuses(
    () => ask(context, histId, {}, 7 as CellEncoding),
    Code.InvalidArgument,
    "encoding: 7 is not known",
  );
});

Deno.test("Selection: an unset category is the overflow bin where the axis has one", () => {
  const service = new TestService();
  const histId = load(service, hist);
  const take = {
    case: "point" as const,
    value: { point: { case: "category" as const, value: {} } },
  };
  const response = ask(service.context, histId, {
    axes: [{ axis: { case: "name", value: "channel" }, take }],
  });
  const expected = select(hist, parseUhi("..., overflow"));
  assert.deepEqual(cellsOf(response, expected), expected.cells);
});
