/**
 * Text that arrives in pieces, cut into lines; a line without an end is not kept beyond a limit.
 *
 * @module
 */

/** Text as it comes: whole, or in pieces of text or UTF-8 that may be cut anywhere. */
export type TextSource =
  | string
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

/**
 * The lines of `source` without their "\n", the last one too if it is not empty; null for each line of more than
 * `lineCharsMax` UTF-16 units.
 */
export async function* readLines(
  source: TextSource,
  lineCharsMax: number,
): AsyncGenerator<string | null, void, void> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let chars = 0;
  let isTooLong = false;
  const keep = (piece: string): void => {
    chars += piece.length;
    isTooLong ||= chars > lineCharsMax;
    if (isTooLong) pieces = [];
    else if (piece !== "") pieces.push(piece);
  };
  const take = (): string | null => {
    const line = isTooLong ? null : pieces.length === 1 ? pieces[0]! : pieces.join("");
    pieces = [];
    chars = 0;
    isTooLong = false;
    return line;
  };
  for await (const chunk of typeof source === "string" ? [source] : source) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let to = text.indexOf("\n"); to >= 0; to = text.indexOf("\n", from)) {
      keep(text.slice(from, to));
      from = to + 1;
      yield take();
    }
    keep(text.slice(from));
  }
  keep(decoder.decode());
  if (chars > 0) yield take();
}
