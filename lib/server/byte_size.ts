/**
 * Amounts of memory as people write them: `512MiB`, `4GB`, `1.5G`, `1048576`.
 *
 * @module
 */

const unitBytes: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  // One letter alone is binary, as in `docker --memory`, systemd and the JVM.
  ["k", 2 ** 10],
  ["m", 2 ** 20],
  ["g", 2 ** 30],
  ["t", 2 ** 40],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

/** Whole bytes of `text`, rounded down, or null if it is no amount. Case and a space before the unit do not matter. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim());
  if (match === null) return null;
  const unit = unitBytes.get(match[2]!.toLowerCase());
  if (unit === undefined) return null;
  const bytes = Math.floor(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `bytes` ≥ 0 in the largest binary unit that leaves at least 1, with at most two decimals: `1.5 GiB`. */
export function formatByteSize(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(2))} ${units[unit]}`;
}
