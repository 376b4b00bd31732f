/** Excel keeps 15 significant digits, and rounds these, not the binary number behind them. */
const SIGNIFICANT_DIGITS = 15;

/**
 * The digits of a number without its sign, rounded half up to `places` after the point. `shift` moves the point to the
 * right, so 2 makes a percentage.
 */
export function roundDecimal(number: number, places: number, shift = 0): { whole: string; fraction: string } {
  return (shift === 0 && readShort(number, places)) || roundDigits(number, places, shift);
}

/** Most numbers have few digits, and no more of them after the point than are shown. */
function readShort(number: number, places: number): { whole: string; fraction: string } | null {
  const shortest = String(Math.abs(number));
  if (shortest.length > SIGNIFICANT_DIGITS || shortest.includes("e")) return null;
  const point = shortest.indexOf(".");
  if (point < 0) return { whole: shortest, fraction: "0".repeat(places) };
  const digits = shortest.length - point - 1;
  if (digits > places) return null;
  return { whole: shortest.slice(0, point), fraction: shortest.slice(point + 1).padEnd(places, "0") };
}

function roundDigits(number: number, places: number, shift: number): { whole: string; fraction: string } {
  const [mantissa = "0", exponent = "0"] = Math.abs(number)
    .toExponential(SIGNIFICANT_DIGITS - 1)
    .split("e");
  const digits = mantissa.replace(".", "");
  const kept = Number(exponent) + 1 + shift + places;
  const cut = kept < 0 ? "0" : digits.slice(0, kept).padEnd(kept, "0") || "0";
  const roundsUp = kept >= 0 && kept < digits.length && digits.charAt(kept) >= "5";
  const rounded = (BigInt(cut) + (roundsUp ? 1n : 0n)).toString().padStart(places + 1, "0");
  const point = rounded.length - places;
  return { whole: rounded.slice(0, point), fraction: rounded.slice(point) };
}

/** A number as a cell without a format shows it: its 15 digits, without trailing zeros. */
export function formatGeneral(number: number): string {
  const shortest = String(number);
  // With at most 15 digits it is the same number when it is rounded to 15.
  if (shortest.length <= SIGNIFICANT_DIGITS && !shortest.includes("e")) return shortest;
  return String(Number(number.toPrecision(SIGNIFICANT_DIGITS))).toUpperCase();
}
