/**
 * The version of this program, as in deno.json (a test compares the two).
 *
 * @module
 */

/** Semantic version of the server. */
export const version = "0.1.0";
