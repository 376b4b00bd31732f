const NUMERALS = [
  [1000, "m"],
  [900, "cm"],
  [500, "d"],
  [400, "cd"],
  [100, "c"],
  [90, "xc"],
  [50, "l"],
  [40, "xl"],
  [10, "x"],
  [9, "ix"],
  [5, "v"],
  [4, "iv"],
  [1, "i"],
] as const;

const MAX_ROMAN = 3_999;

/** In lower case; in decimal digits what Roman numerals cannot express: anything but 1 to 3999. */
export function romanNumeral(number: number): string {
  if (number < 1 || number > MAX_ROMAN) return String(number);
  let text = "";
  let rest = number;
  for (const [value, letters] of NUMERALS) {
    text += letters.repeat(Math.floor(rest / value));
    rest %= value;
  }
  return text;
}
