/**
 * The words of UHI notation: numbers, strings, names and marks, each with its place.
 *
 * @module
 */

/** The longest text that is read. */
const charactersMax = 65536;

/** A word of the notation. The end is an empty one. */
export type Token =
  | { readonly kind: "number" | "imaginary"; readonly value: number; readonly column: number }
  | {
    readonly kind: "string" | "name" | "mark" | "end";
    readonly value: string;
    readonly column: number;
  };

/**
 * Text that is not UHI notation.
 *
 * @example
 * ```ts
 * import { NotationError, parseUhi } from "@histserv/hist";
 *
 * try {
 *   parseUhi("0.5");
 * } catch (error) {
 *   if (error instanceof NotationError) console.log(error.column); // 1
 * }
 * ```
 */
export class NotationError extends SyntaxError {
  /** The error's class, as text. */
  override readonly name = "NotationError";
  /** Where in the text, from 1. */
  readonly column: number;

  /** `problem` continues the sentence "Cannot read the selection: …". */
  constructor(problem: string, column: number) {
    super(`Cannot read the selection: ${problem} at column ${column}`);
    this.column = column;
  }
}

const spaces = /\s*/y;
const number = /((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(j?)/y;
const string = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/y;
const name = /[A-Za-z_]\w*/y;
const mark = /\.\.\.|[{}[\]():,=+-]/y;

/**
 * The words of `text`, an `end` last.
 *
 * @throws {NotationError} at what is no word.
 */
export function tokenize(text: string): Token[] {
  if (text.length > charactersMax) {
    throw new NotationError(`more than ${charactersMax} characters`, charactersMax + 1);
  }
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found;
  };
  for (;;) {
    match(spaces);
    const column = at + 1;
    if (at === text.length) return [...tokens, { kind: "end", value: "", column }];
    let found: RegExpExecArray | null;
    if ((found = match(mark)) !== null) tokens.push({ kind: "mark", value: found[0], column });
    else if ((found = match(number)) !== null) {
      const kind = found[2] === "" ? "number" : "imaginary";
      tokens.push({ kind, value: Number(found[1]), column });
    } else if ((found = match(string)) !== null) {
      tokens.push({ kind: "string", value: unescape(found[1] ?? found[2]!), column });
    } else if ((found = match(name)) !== null) {
      tokens.push({ kind: "name", value: found[0], column });
    } else throw new NotationError("expected an index, a name, or a mark", column);
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unescape(body: string): string {
  return body.replaceAll(/\\(.)/g, (_, character: string) => escapes[character] ?? character);
}
