/**
 * What Python's histserv demands of a histogram beyond being one.
 *
 * @module
 */

import { HistFormatError } from "./hist_format_error.ts";
import type { HistSpec } from "./hist_spec.ts";
import { isMeanKind, storageTraits } from "./storage.ts";

/**
 * Ends the operation if the compatible service would refuse `spec`: it wants at least one axis, a name for each,
 * no name twice, no transformed axis, and no means.
 *
 * @throws {HistFormatError} that names the rule.
 */
export function checkCompatible(spec: HistSpec): void {
  const { uhiType } = storageTraits[spec.storage];
  if (isMeanKind(spec.cellKind)) {
    throw new HistFormatError("storage.type", `"${uhiType}" is not supported yet`);
  }
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
