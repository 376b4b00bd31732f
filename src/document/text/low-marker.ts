import type { MappedText } from "./mapped-text.ts";

const MARKER = "[low]";

/** Text without its markers, and whether it had any. */
export type Unmarked = { content: MappedText; low: boolean };

/** Takes every marker out, with the blanks before it. A marker that was escaped in the source is text and stays. */
export function stripMarkers(content: MappedText): Unmarked {
  const markers = findMarkers(content);
  if (markers.length === 0) return { content, low: false };
  const kept = content.slice(0, 0);
  let from = 0;
  for (const marker of markers) {
    let to = marker;
    while (to > from && " \t".includes(content.text.charAt(to - 1))) to -= 1;
    kept.concat(content.slice(from, to));
    from = marker + MARKER.length;
  }
  kept.concat(content.slice(from, content.text.length));
  return { content: kept.trim(), low: true };
}

/**
 * Splits text so that each line with a marker stands alone: the doubt of one line is not the doubt of its neighbours.
 * Pieces without text are left out.
 */
export function splitMarkedLines(content: MappedText): Unmarked[] {
  const pieces: Unmarked[] = [];
  const add = (from: number, to: number) => {
    if (from >= to) return;
    const piece = stripMarkers(content.slice(from, to).trim());
    if (!piece.content.isEmpty) pieces.push(piece);
  };
  let from = 0;
  for (const marker of findMarkers(content)) {
    if (marker < from) continue;
    const lineStart = content.text.lastIndexOf("\n", marker) + 1;
    const newline = content.text.indexOf("\n", marker);
    const lineEnd = newline < 0 ? content.text.length : newline;
    add(from, lineStart);
    add(lineStart, lineEnd);
    from = lineEnd;
  }
  if (from === 0) return stripMarkers(content).content.isEmpty ? [] : [{ content, low: false }];
  add(from, content.text.length);
  return pieces;
}

/** Where markers start: only those that stand in the source as they stand in the text. */
function findMarkers({ text, runs }: MappedText): number[] {
  const found: number[] = [];
  let run = 0;
  for (let at = text.indexOf(MARKER); at >= 0; at = text.indexOf(MARKER, at + MARKER.length)) {
    while (at >= endOf(runs[run])) run += 1;
    const around = runs[run];
    if (around?.[4] && at + MARKER.length <= endOf(around)) found.push(at);
  }
  return found;
}

function endOf(run: MappedText["runs"][number] | undefined): number {
  return run ? run[0] + run[1] : Number.POSITIVE_INFINITY;
}
