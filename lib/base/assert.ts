/**
 * Assertions for our own mistakes: a failed one is a bug of this program, never bad input.
 *
 * @module
 */

/** Our own mistake: the program's state contradicts itself. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Ends the operation if `condition` does not hold.
 *
 * @throws {AssertionError} with `message`.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
