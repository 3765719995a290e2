/**
 * What a mistyped name may have meant.
 *
 * @module
 */

/** Names farther away than this many edits are no suggestion. */
const editsMax = 3;

/** The candidate nearest to `name`, or null if none is near: at most 3 edits, and fewer than half of its letters. */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  let nearest: string | null = null;
  let editsLeast = Math.min(editsMax, Math.ceil(name.length / 2)) + 1;
  for (const candidate of candidates) {
    // An unfinished name is the commonest mistake: argparse takes it, so suggest it.
    const edits = name.length >= 3 && candidate.startsWith(name) ? 1 : countEdits(name, candidate);
    if (edits < editsLeast) {
      editsLeast = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Levenshtein's distance: insertions, deletions and replacements that turn `source` into `target`. */
function countEdits(source: string, target: string): number {
  let previous = Array.from({ length: target.length + 1 }, (_, column) => column);
  for (let row = 1; row <= source.length; row++) {
    const current = [row];
    for (let column = 1; column <= target.length; column++) {
      const replaced = previous[column - 1]! + (source[row - 1] === target[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[target.length]!;
}
