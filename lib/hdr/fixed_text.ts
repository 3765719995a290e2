/**
 * Numbers as `%.nf` of Java and of C write them; they differ from each other and from `toFixed`.
 *
 * Java (`java.util.Formatter`) takes the shortest decimal that names the double and rounds that half up: 1.005 is
 * "1.01". C rounds the exact binary value, ties to even: 1.005 is "1.00" and 0.125 is "0.12".
 *
 * @module
 */

/**
 * Writes `value` with `digits` decimals as Java's `%.nf` does: the shortest decimal, rounded half up.
 *
 * @param digits in [0, 100].
 */
export function formatFixedJava(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : signOf(value) + "Infinity";
  const [shortest, point] = javaDigits(Math.abs(value));
  const kept = point + digits;
  if (kept < 0) return signOf(value) + placePoint("", digits);
  let text = shortest.slice(0, kept).padEnd(kept, "0");
  if (kept < shortest.length && shortest.charCodeAt(kept) >= 53) text = increment(text);
  return signOf(value) + placePoint(text, digits);
}

/**
 * Writes `value` with `digits` decimals as C's `%.nf` does: the exact binary value, ties to even.
 *
 * @param digits in [0, 40].
 */
export function formatFixedC(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : signOf(value) + "inf";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e21) return signOf(value) + placePoint(String(BigInt(magnitude)), 0, digits);
  const rounded = magnitude.toFixed(digits);
  // `toFixed` rounds ties up. A tie is exact only with few binary places, so 60 more decimals show it.
  const exact = magnitude.toFixed(digits + 60);
  const cut = exact.length - 60;
  const isTie = exact[cut] === "5" && /^0*$/.test(exact.slice(cut + 1));
  const isOdd = Number(rounded.at(-1)) % 2 === 1;
  const down = digits === 0 ? exact.slice(0, cut - 1) : exact.slice(0, cut);
  return signOf(value) + (isTie && isOdd ? down : rounded);
}

/**
 * The digits from which Java starts, and where the point is in them: the value is 0.digits · 10^point.
 *
 * They are the shortest that name the double, but whole numbers in [2^53, 2^63) keep all digits but the last 0 to 2
 * (`FloatingDecimal` of JDK 17; `insignificantDigitsForPow2`).
 */
function javaDigits(magnitude: number): readonly [digits: string, point: number] {
  if (magnitude >= 2 ** 53 && magnitude < 2 ** 63) {
    const unit = magnitude < 2 ** 58 ? 1n : magnitude < 2 ** 61 ? 10n : 100n;
    const digits = String((BigInt(magnitude) + unit / 2n) / unit);
    return [digits, digits.length + String(unit).length - 1];
  }
  const [mantissa, exponent] = magnitude.toExponential().split("e");
  return [mantissa!.replace(".", ""), Number(exponent) + 1];
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** Adds one to a number written in decimal digits. */
function increment(digits: string): string {
  const nines = /9*$/.exec(digits)![0].length;
  const head = digits.slice(0, digits.length - nines);
  const carried = head === "" ? "1" : head.slice(0, -1) + String(Number(head.at(-1)) + 1);
  return carried + "0".repeat(nines);
}

/** Puts the point before the last `decimals` of `text`, then appends `zeros` more decimals. */
function placePoint(text: string, decimals: number, zeros = 0): string {
  const padded = text.padStart(decimals + 1, "0");
  const whole = padded.slice(0, padded.length - decimals);
  const fraction = padded.slice(padded.length - decimals) + "0".repeat(zeros);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
