/**
 * Numbers and names as text for terminals.
 *
 * @module
 */

/**
 * `value` as C's `%.<digits>g` writes it: at most so many significant digits, an exponent below 1e-4 and from
 * 10^digits on, no trailing zeros; ties go to even, as in C.
 */
export function formatGeneral(value: number, digits: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const sign = value < 0 ? "-" : "";
  const { mantissa, exponent } = roundDecimal(Math.abs(value), digits);
  const significant = mantissa.replace(/0+$/, "");
  if (exponent < -4 || exponent >= digits) {
    const rest = significant.slice(1);
    const power = String(Math.abs(exponent)).padStart(2, "0");
    const point = rest === "" ? "" : `.${rest}`;
    return `${sign}${significant[0]}${point}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) {
    return `${sign}0.${"0".repeat(-exponent - 1)}${significant}`;
  }
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = significant.slice(exponent + 1);
  return fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** The first `digits` decimal digits of positive `value`, rounded half to even, and its power of ten. */
function roundDecimal(
  value: number,
  digits: number,
): { mantissa: string; exponent: number } {
  // JavaScript rounds half up; with all its digits a tie can be told.
  const [exact, power] = value.toExponential(60).split("e") as [string, string];
  const all = exact.replace(".", "");
  const exponent = Number(power);
  const kept = all.slice(0, digits);
  const rest = all.slice(digits);
  const isOdd = Number(kept.at(-1)) % 2 === 1;
  const isTie = /^50*$/.test(rest);
  if (isTie ? !isOdd : rest[0]! < "5") return { mantissa: kept, exponent };
  const next = String(BigInt(kept) + 1n);
  return next.length > digits
    ? { mantissa: next.slice(0, digits), exponent: exponent + 1 }
    : { mantissa: next.padStart(digits, "0"), exponent };
}

/** `text` with everything replaced that a terminal would obey instead of showing it. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "\ufffd");
}
