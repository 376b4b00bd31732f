/** Dots lead from an entry of the contents or the index to its pages. It begins at the first of its dots, so each dot is looked at once. */
const LEADER = /(?<!\.\s?)(?:\.\s?){5,}\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*[,–-]\s*(?:\d{1,4}|[ivxlc]{1,7}))*$/u;

/** Whether a line is an entry of the contents or the index with dots to its pages. */
export function isContentsEntry(text: string): boolean {
  const at = text.search(LEADER);
  return at > 0 && /\p{L}/u.test(text.slice(0, at));
}

/** Whether a line is the entry above one with dots: a chapter in the contents often has none. */
export function isEntryBefore(above: string, text: string): boolean {
  return /\s(?:\d{1,4}|[ivxlc]{1,7})$/u.test(above) && isContentsEntry(text);
}
