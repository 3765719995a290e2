/**
 * UHI indexing as Python users write it, read into a selection: what stands between the brackets of `h[…]`.
 *
 *     selection = "{" [ key ":" item { "," key ":" item } ] "}" | item { "," item }
 *     key       = name in quotes | integer
 *     item      = "..." | list | slice | point | action
 *     list      = "[" point { "," point } "]"
 *     slice     = [ point ] ":" [ point ] [ ":" [ action ] ] | "slice(" point "," point [ "," action ] ")"
 *     action    = "sum" | "rebin(" … ")" | integer "j"
 *     point     = integer | number "j" | integer ("+"|"-") number "j" | "loc(" value ")" | "at(" integer ")" |
 *                 "underflow" | "overflow" | "len" | string; the named ones and "loc" take "+" or "-" integer
 *
 * Numbers with `j` are hist's shortcut for a value (`0.5j` is `loc(0.5)`), strings for a category. A string with
 * `*` or `?` stands for all categories that match.
 *
 * @see the documentation of hist, "Accessing Contents"
 *
 * @module
 */

import type {
  AxisPick,
  AxisPoint,
  AxisSelection,
  AxisSlice,
  Rebin,
  Selection,
  SelectionEntry,
} from "./selection.ts";
import { NotationError, type Token, tokenize } from "./uhi_tokens.ts";

/** The most items of a selection: axes that a histogram may have. */
const itemsMax = 32;

/**
 * The selection that `text` writes: `"0:len:sum, 3j:5j:rebin(2), loc('a')"`, or by name or number
 * `"{'x': 2:5, 'dataset': ['a', 'b']}"`.
 *
 * @throws {NotationError} if it writes none; it says where.
 *
 * @example
 * ```ts
 * import { parseUhi } from "@histserv/hist";
 *
 * parseUhi("0.5j, ::rebin(2)").entries[0]; // { axis: 0, take: { type: "loc", value: 0.5 } }
 * ```
 */
export function parseUhi(text: string): Selection {
  return new NotationReader(text).readSelection();
}

type Match = { readonly type: "match"; readonly pattern: string };

class NotationReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  readSelection(): Selection {
    if (this.#accept("{")) return { entries: this.#readMembers() };
    const takes: (AxisSelection | "..." | null)[] = [];
    do {
      if (this.#peek().kind === "end" && takes.length > 0) break;
      takes.push(this.#accept("...") ? "..." : this.#readItem());
    } while (this.#accept(","));
    this.#expectEnd();
    if (takes.length > itemsMax + 1) this.#fail(`more than ${itemsMax} items`);
    return entriesOf(takes, () => this.#fail("more than one ellipsis"));
  }

  #readMembers(): SelectionEntry[] {
    const entries: SelectionEntry[] = [];
    while (!this.#accept("}")) {
      const key = this.#take();
      if (key.kind !== "string" && !(key.kind === "number" && Number.isInteger(key.value))) {
        this.#fail("expected the name or number of an axis", key);
      }
      this.#expect(":");
      const take = this.#readItem();
      if (take !== null) entries.push({ axis: key.value as string | number, take });
      if (entries.length > itemsMax) this.#fail(`more than ${itemsMax} items`);
      if (!this.#accept(",")) {
        this.#expect("}");
        break;
      }
    }
    this.#expectEnd();
    return entries;
  }

  /** One item; `null` for a whole axis. */
  #readItem(): AxisSelection | null {
    if (this.#accept("[")) return this.#readList();
    if (this.#acceptName("slice")) return this.#readSliceCall();
    const action = this.#readAction();
    if (action !== undefined) return { type: "slice", action };
    const start = this.#isAt(":") ? undefined : this.#readPoint();
    if (!this.#accept(":")) {
      if (start === undefined) this.#fail("expected an index");
      return start.type === "match" ? { type: "pick", points: [start] } : start;
    }
    const stop = this.#isAt(":", ",", "}", "") ? undefined : this.#readPoint();
    const step = this.#accept(":") && !this.#isAt(",", "}", "") ? this.#readStep() : undefined;
    return this.#sliceOf(start, stop, step);
  }

  #readSliceCall(): AxisSelection | null {
    this.#expect("(");
    const start = this.#readPointOrNone();
    this.#expect(",");
    const stop = this.#readPointOrNone();
    const hasStep = this.#accept(",") && !this.#acceptName("None");
    const step = hasStep ? this.#readStep() : undefined;
    this.#expect(")");
    return this.#sliceOf(start, stop, step);
  }

  #sliceOf(
    start: AxisPoint | Match | undefined,
    stop: AxisPoint | Match | undefined,
    action: AxisSlice["action"],
  ): AxisSlice | null {
    if (start?.type === "match" || stop?.type === "match") this.#fail("a pattern bounds no slice");
    if (start === undefined && stop === undefined && action === undefined) return null;
    return {
      type: "slice",
      ...(start === undefined ? {} : { start }),
      ...(stop === undefined ? {} : { stop }),
      ...(action === undefined ? {} : { action }),
    };
  }

  #readStep(): "sum" | Rebin {
    const action = this.#readAction();
    if (action !== undefined) return action;
    const token = this.#take();
    if (token.kind !== "imaginary" || !Number.isInteger(token.value)) {
      this.#fail("expected sum, rebin(…), or a whole number with j", token);
    }
    return { type: "factor", factor: token.value };
  }

  #readAction(): "sum" | Rebin | undefined {
    if (this.#acceptName("sum")) return "sum";
    if (!this.#acceptName("rebin")) return undefined;
    this.#expect("(");
    const token = this.#peek();
    const name = token.kind === "name" ? token.value : "factor";
    if (token.kind === "name") {
      this.#take();
      this.#expect("=");
    }
    let rebin: Rebin | undefined;
    if (name === "factor") rebin = { type: "factor", factor: this.#readNumber() };
    else if (name === "groups") rebin = { type: "groups", groups: this.#readNumbers() };
    else if (name === "edges") rebin = { type: "edges", edges: this.#readNumbers() };
    if (rebin === undefined) this.#fail("expected factor, groups, or edges", token);
    this.#expect(")");
    return rebin;
  }

  #readList(): AxisPick {
    const points: (AxisPoint | Match)[] = [];
    while (!this.#accept("]")) {
      points.push(this.#readPoint());
      if (this.#accept(",")) continue;
      this.#expect("]");
      break;
    }
    return { type: "pick", points };
  }

  #readNumbers(): number[] {
    this.#expect("[");
    const numbers: number[] = [];
    while (!this.#accept("]")) {
      numbers.push(this.#readNumber());
      if (this.#accept(",")) continue;
      this.#expect("]");
      break;
    }
    return numbers;
  }

  #readNumber(): number {
    const sign = this.#readSign();
    const token = this.#take();
    if (token.kind !== "number") this.#fail("expected a number", token);
    return sign * token.value;
  }

  #readPointOrNone(): AxisPoint | Match | undefined {
    return this.#acceptName("None") ? undefined : this.#readPoint();
  }

  #readPoint(): AxisPoint | Match {
    const token = this.#peek();
    if (token.kind === "string") {
      this.#take();
      return /[*?]/.test(token.value)
        ? { type: "match", pattern: token.value }
        : { type: "loc", value: token.value };
    }
    if (token.kind === "name") return this.#readNamedPoint();
    const sign = this.#readSign();
    const number = this.#take();
    if (number.kind === "imaginary") return { type: "loc", value: sign * number.value };
    if (number.kind !== "number") this.#fail("expected an index", number);
    if (!Number.isInteger(number.value)) {
      this.#fail("an index is a whole number; a value is written loc(…) or with j", number);
    }
    const index = sign * number.value;
    if (!this.#isAt("+", "-")) return { type: "index", index };
    // A complex number: bins by which to move, and a value.
    const valueSign = this.#readSign();
    const value = this.#take();
    if (value.kind !== "imaginary") this.#fail("expected a number with j", value);
    return { type: "loc", value: valueSign * value.value, offset: index };
  }

  #readNamedPoint(): AxisPoint {
    const token = this.#take();
    if (token.value === "loc" || token.value === "at") {
      this.#expect("(");
      const value = token.value === "at" ? this.#readNumber() : this.#readValue();
      this.#expect(")");
      if (token.value === "at") return { type: "at", index: value as number };
      return { type: "loc", value, ...this.#readOffset() };
    }
    if (token.value === "underflow") return { type: "underflow", ...this.#readOffset() };
    if (token.value === "overflow" || token.value === "len") {
      return { type: "overflow", ...this.#readOffset() };
    }
    return this.#fail("expected an index", token);
  }

  #readValue(): number | string | boolean {
    const token = this.#peek();
    if (token.kind === "string") return this.#take().value;
    if (this.#acceptName("True")) return true;
    if (this.#acceptName("False")) return false;
    return this.#readNumber();
  }

  #readOffset(): { offset?: number } {
    if (!this.#isAt("+", "-")) return {};
    return { offset: this.#readNumber() };
  }

  #readSign(): 1 | -1 {
    if (this.#accept("-")) return -1;
    this.#accept("+");
    return 1;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next++;
    return token;
  }

  /** Whether one of these marks comes next; the empty one is the end. */
  #isAt(...marks: string[]): boolean {
    const { kind, value } = this.#peek();
    return (kind === "mark" || kind === "end") && marks.includes(value);
  }

  #accept(mark: string): boolean {
    if (!this.#isAt(mark)) return false;
    this.#take();
    return true;
  }

  #acceptName(name: string): boolean {
    const { kind, value } = this.#peek();
    if (kind !== "name" || value !== name) return false;
    this.#take();
    return true;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) this.#fail(`expected "${mark}"`);
  }

  #expectEnd(): void {
    if (!this.#isAt("")) this.#fail("expected the end");
  }

  #fail(problem: string, token = this.#peek()): never {
    throw new NotationError(problem, token.column);
  }
}

/** Items by their place; those behind an ellipsis count from the end. */
function entriesOf(
  takes: readonly (AxisSelection | "..." | null)[],
  onSecond: () => never,
): Selection {
  const ellipsis = takes.indexOf("...");
  if (ellipsis !== takes.lastIndexOf("...")) onSecond();
  const entries: SelectionEntry[] = [];
  for (const [i, take] of takes.entries()) {
    if (take === null || take === "...") continue;
    entries.push({ axis: ellipsis >= 0 && i > ellipsis ? i - takes.length : i, take });
  }
  return ellipsis < 0 ? { entries, rank: takes.length } : { entries };
}
