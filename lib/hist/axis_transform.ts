/**
 * Transforms of a regular axis: its bins are of equal width after the transform.
 *
 * @module
 */

/** Which function makes the bins equally wide. */
export type AxisTransform =
  | { readonly type: "log" }
  | { readonly type: "sqrt" }
  | { readonly type: "pow"; readonly power: number };

/** `x` on the transformed scale; NaN or an infinity where there is none. */
export function transformForward(transform: AxisTransform | undefined, x: number): number {
  switch (transform?.type) {
    case undefined:
      return x;
    case "log":
      return Math.log(x);
    case "sqrt":
      return Math.sqrt(x);
    case "pow":
      return Math.pow(x, transform.power);
  }
}

/** The inverse of {@linkcode transformForward}. */
export function transformInverse(transform: AxisTransform | undefined, z: number): number {
  switch (transform?.type) {
    case undefined:
      return z;
    case "log":
      return Math.exp(z);
    case "sqrt":
      return z * z;
    case "pow":
      return Math.pow(z, 1 / transform.power);
  }
}
