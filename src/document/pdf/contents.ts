/** Dots lead from an entry of the contents or the index to its pages. */
const LEADER = /(?:\.\s?){5,}\s*(?:\d{1,4}|[ivxlc]{1,7})(?:\s*[,–-]\s*(?:\d{1,4}|[ivxlc]{1,7}))*$/u;

/** Whether a line is an entry of the contents or the index with dots to its pages. */
export function isContentsEntry(text: string): boolean {
  return LEADER.test(text);
}
