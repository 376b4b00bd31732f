const BULLET = "[•‣◦▪▫●○■□◆◇➢➤✓✔❖⁃∙·–—*-]";
const NUMBER = "\\(?(?:\\d{1,3}|[a-zA-Z]|[ivxlc]{2,6})[.)]|\\[\\d{1,3}\\]";

const MARKER = new RegExp(`^(?:(${BULLET})|(${NUMBER}))\\s+(?=\\S)`, "u");

export type Marker = Readonly<{ text: string; isNumber: boolean; length: number }>;

/** The bullet or number that a line of a list begins with. */
export function findMarker(text: string): Marker | null {
  const match = MARKER.exec(text);
  const marker = match?.[1] ?? match?.[2];
  return match && marker !== undefined
    ? { text: marker, isNumber: match[2] !== undefined, length: match[0].length }
    : null;
}

export function startsWithMarker(text: string): boolean {
  return MARKER.test(text);
}

/** Numbers and letters of a list by their value, "iv" by both of its readings; empty for bullets. */
export function valuesOf(marker: string): number[] {
  const plain = marker.replace(/[()[\].]/g, "");
  if (/^\d+$/.test(plain)) return [Number(plain)];
  if (!/^[a-z]+$/i.test(plain)) return [];
  const lower = plain.toLowerCase();
  const letter = lower.length === 1 ? [lower.charCodeAt(0) - 96] : [];
  return /^[ivxlc]+$/.test(lower) ? [...letter, romanValue(lower)] : letter;
}

const ROMAN: Readonly<Record<string, number>> = { i: 1, v: 5, x: 10, l: 50, c: 100 };

function romanValue(text: string): number {
  let value = 0;
  for (const [index, char] of [...text].entries()) {
    const [own = 0, next = 0] = [ROMAN[char], ROMAN[text[index + 1] ?? ""]];
    value += own < next ? -own : own;
  }
  return value;
}
