import { type DateParts, formatDate } from "./dates.ts";
import { formatGeneral, roundDecimal } from "./decimal.ts";

/** Numbers beyond these have more digits than any format is meant for. */
const LARGEST = 1e30;
const SMALLEST = 1e-30;

/** The number formats that a file names by number alone (ECMA-376 part 1, 18.8.30). */
const BUILT_IN: Readonly<Record<number, string>> = {
  0: "General",
  1: "0",
  2: "0.00",
  3: "#,##0",
  4: "#,##0.00",
  9: "0%",
  10: "0.00%",
  11: "0.00E+00",
  12: "# ?/?",
  13: "# ??/??",
  14: "yyyy-mm-dd",
  15: "d-mmm-yy",
  16: "d-mmm",
  17: "mmm-yy",
  18: "h:mm AM/PM",
  19: "h:mm:ss AM/PM",
  20: "h:mm",
  21: "h:mm:ss",
  22: "yyyy-mm-dd h:mm",
  37: "#,##0 ;(#,##0)",
  38: "#,##0 ;(#,##0)",
  39: "#,##0.00;(#,##0.00)",
  40: "#,##0.00;(#,##0.00)",
  45: "mm:ss",
  46: "[h]:mm:ss",
  47: "mm:ss.0",
  48: "##0.0E+0",
  49: "@",
};

/** The code of a built-in format. Those of East Asian versions of Excel are all dates. */
export function builtInFormat(id: number): string {
  const isEastAsianDate = (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
  return BUILT_IN[id] ?? (isEastAsianDate ? "yyyy-mm-dd" : "General");
}

/** Turns a number into the text that a cell shows; dates come as ISO 8601. */
export type NumberFormatter = (number: number) => string;

/**
 * Reads a format code, such as `#,##0.00;[Red](#,##0.00)`. What is not understood, such as fractions and digits with words
 * in between, shows the number as a cell without a format does.
 */
export function createFormatter(code: string, is1904: boolean): NumberFormatter {
  const sections = splitSections(code).map(readSection);
  const [first = GENERAL] = sections;
  if (sections.some(({ hasCondition }) => hasCondition)) return formatGeneral;
  return (number) => {
    const section = sections.length === 1 ? first : (sections[sectionOf(number, sections.length)] ?? first);
    if (section.date) return formatDate(number, section.date, is1904) ?? formatGeneral(number);
    return formatBySection(number, section, sections.length > 1 && number < 0);
  };
}

/** Positive, negative and zero numbers have sections of their own. */
function sectionOf(number: number, sections: number): number {
  if (number < 0) return 1;
  return number === 0 && sections > 2 ? 2 : 0;
}

type Section = {
  /** Literal text before and after the digits. */
  before: string;
  after: string;
  /** The placeholders: 0 # ? , . and the exponent; "" for a section without a number. */
  digits: string;
  /** How many percent signs. */
  percents: number;
  date: DateParts | null;
  hasCondition: boolean;
  /** There are words between the digits. */
  isMixed: boolean;
};

const GENERAL: Section = {
  before: "",
  after: "",
  digits: "",
  percents: 0,
  date: null,
  hasCondition: false,
  isMixed: false,
};

/** Quoted text, escaped characters, padding and filling characters, brackets, the exponent, the word General, or one character. */
const TOKEN = /"[^"]*"?|\\.|[_*].|\[[^\]]*\]|E[+-]0+|General|AM\/PM|A\/P|./gis;

function splitSections(code: string): string[] {
  const sections = [""];
  for (const [token] of code.matchAll(TOKEN)) {
    if (token === ";") sections.push("");
    else sections[sections.length - 1] += token;
  }
  return sections;
}

function readSection(code: string): Section {
  const section = { ...GENERAL };
  let dateLetters = "";
  const literal = (text: string) => {
    if (section.digits === "") section.before += text;
    else section.after += text;
  };
  for (const [token] of code.matchAll(TOKEN)) {
    const first = token.charAt(0);
    if (first === '"') literal(token.slice(1).replace(/"$/, ""));
    else if (first === "\\") literal(token.slice(1));
    else if (first === "_") literal(" ");
    else if (first === "*") continue;
    else if (first === "[") {
      if (/^\[(h+|m+|s+)\]$/i.test(token)) dateLetters += token;
      else if (/^\[[<>=]/.test(token)) section.hasCondition = true;
      else literal(/^\[\$([^-\]]*)/.exec(token)?.[1] ?? "");
    } else if (/^(AM\/PM|A\/P)$/i.test(token)) dateLetters += "h";
    else if (/^[ymdhs]$/i.test(token)) dateLetters += token.toLowerCase();
    else if (/^([0#?,.]|E[+-]0+)$/i.test(token)) {
      section.isMixed ||= section.after !== "";
      section.digits += token;
    } else if (token === "%") {
      section.percents += 1;
      literal(token);
    } else if (token === "/" && section.digits !== "") section.isMixed = true;
    else if (token !== "@" && !/^general$/i.test(token)) literal(token);
  }
  if (dateLetters !== "") section.date = readDateParts(dateLetters);
  return section;
}

function readDateParts(letters: string): DateParts {
  const hasTime = /[hs]/i.test(letters);
  return {
    date: /[yd]/.test(letters) || (!hasTime && letters.includes("m") && !letters.includes("[")),
    time: hasTime,
    seconds: letters.includes("s"),
    elapsed: letters.includes("["),
  };
}

function formatBySection(number: number, section: Section, hasOwnSign: boolean): string {
  if (section.isMixed) return formatGeneral(number);
  const size = Math.abs(number);
  const isPlain = section.digits === "" || size >= LARGEST || (size > 0 && size < SMALLEST);
  if (isPlain && section.before + section.after === "") return formatGeneral(number);
  const digits = isPlain
    ? formatGeneral(Math.abs(number))
    : formatDigits(number, section.digits, 2 * section.percents);
  const sign = number < 0 && !hasOwnSign && /[1-9]/.test(digits) ? "-" : "";
  return (sign + section.before + digits + section.after).trim();
}

function formatDigits(number: number, pattern: string, shift: number): string {
  const exponent = /E([+-])(0+)$/i.exec(pattern);
  if (exponent) return formatScientific(number, pattern.slice(0, exponent.index), exponent[2]?.length ?? 1);
  const [wholePattern = "", fractionPattern = ""] = pattern.split(".", 2);
  const scale = /,*$/.exec(wholePattern)?.[0].length ?? 0;
  const places = fractionPattern.replaceAll(",", "").length;
  const { whole, fraction } = roundDecimal(number, places, shift - 3 * scale);
  const leastWhole = wholePattern.replace(/[^0]/g, "").length;
  const padded = whole.replace(/^0+/, "").padStart(leastWhole, "0");
  const hasThousands = wholePattern.slice(0, wholePattern.length - scale).includes(",");
  const grouped = hasThousands ? padded.replace(/\B(?=(\d{3})+$)/g, ",") : padded;
  const shown = trimFraction(fraction, fractionPattern);
  return shown === "" ? grouped || "0" : `${grouped}.${shown}`;
}

function formatScientific(number: number, pattern: string, exponentDigits: number): string {
  const [, fractionPattern = ""] = pattern.split(".", 2);
  const [mantissa = "0", exponent = "0"] = Math.abs(number).toExponential(fractionPattern.length).split("e");
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${mantissa}E${sign}${exponent.replace(/^[+-]/, "").padStart(exponentDigits, "0")}`;
}

/** Without the zeros at its end for which the pattern has "#". */
function trimFraction(fraction: string, pattern: string): string {
  const least = pattern.lastIndexOf("0") + 1;
  let end = fraction.length;
  while (end > least && fraction.charAt(end - 1) === "0") end -= 1;
  return fraction.slice(0, end);
}
