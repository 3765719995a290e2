/**
 * What Python's histserv demands of a histogram beyond being one.
 *
 * @module
 */

import { HistFormatError } from "./hist_format_error.ts";
import type { HistSpec } from "./hist_spec.ts";

/**
 * Ends the operation if the compatible service would refuse `spec`: it wants at least one axis, a name for each,
 * no name twice, and no transformed axis. (Mean storages are refused where the text is read.)
 *
 * @throws {HistFormatError} that names the rule.
 */
export function checkCompatible(spec: HistSpec): void {
  if (spec.axes.length === 0) throw new HistFormatError("axes", "must be at least one");
  const names = new Set<string>();
  for (const [i, axis] of spec.axes.entries()) {
    const path = `axes[${i}]`;
    const { name } = axis;
    if (name === "") {
      throw new HistFormatError(`${path}.metadata.name`, "is missing: all axes must have names");
    }
    if (names.has(name)) {
      throw new HistFormatError(
        `${path}.metadata.name`,
        `another axis is called "${name.slice(0, 40)}", too`,
      );
    }
    names.add(name);
    if (axis.type === "regular" && axis.transform !== undefined) {
      throw new HistFormatError(path, "transformed regular axes are not supported");
    }
  }
}
