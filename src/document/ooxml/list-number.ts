import { romanNumeral } from "../roman-numeral.ts";

/** Word repeats letters beyond the alphabet: "z", "aa", "bb". */
const MAX_LETTERS = 26 * 20;

/** A number as a list shows it (ST_NumberFormat). A format that is not known is decimal. */
export function formatListNumber(number: number, format: string): string {
  switch (format) {
    case "none":
      return "";
    case "decimalZero":
      return String(number).padStart(2, "0");
    case "lowerLetter":
      return lettersOf(number);
    case "upperLetter":
      return lettersOf(number).toUpperCase();
    case "lowerRoman":
      return romanNumeral(number);
    case "upperRoman":
      return romanNumeral(number).toUpperCase();
    case "ordinal":
      return number + ordinalSuffixOf(number);
    case "decimalEnclosedCircle":
      return number >= 1 && number <= 20 ? String.fromCharCode(0x2460 + number - 1) : String(number);
    default:
      return String(number);
  }
}

function lettersOf(number: number): string {
  if (number < 1 || number > MAX_LETTERS) return String(number);
  return String.fromCharCode(97 + ((number - 1) % 26)).repeat(Math.ceil(number / 26));
}

function ordinalSuffixOf(number: number): string {
  const isTeen = Math.trunc(number / 10) % 10 === 1;
  return (isTeen ? undefined : ["th", "st", "nd", "rd"][number % 10]) ?? "th";
}
