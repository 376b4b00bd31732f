import { z } from "zod";
import { markSchema, type Span } from "../../document/schema.ts";
import { artifactPathOf } from "../layout.ts";
import type { Finding } from "./check.ts";
import { parseJson, type ReadFile } from "./contents.ts";

const DOCIR = artifactPathOf("docir");

/**
 * Keys of a block in canonical JSON, where a quotation mark within a string is always escaped. After its marks come its order, reasons
 * and span.
 */
const KEY = {
  id: Buffer.from(',"id":"'),
  marks: Buffer.from(',"marks":['),
  order: Buffer.from('],"order":'),
  reasons: Buffer.from(',"reasons":['),
  span: Buffer.from(',"span":['),
  endOfSpan: Buffer.from("]"),
} as const;

type DocIRFile = Pick<ReadFile, "size" | "readRange">;

const marksSchema = z.array(markSchema).min(1);

/** A finding names few of many wrong blocks. */
const MAX_FINDINGS = 20;

/** Each mark of docir holds words of its block, marks are in order, and a reference names a block of the document. */
export function checkMarks(
  contents: Readonly<{ artifactFile(type: string): DocIRFile | null }>,
): readonly Finding[] {
  const file = contents.artifactFile("docir");
  if (file === null) return [];
  const findings: Finding[] = [];
  const referred = new Set<string>();
  for (const { json, span, at } of markedBlocks(file)) {
    const fault = findFault(json, span, referred);
    if (fault !== null) findings.push({ file: DOCIR, field: `byte ${at}`, reason: fault });
    if (findings.length === MAX_FINDINGS) return findings;
  }
  if (referred.size > 0) removeIds(file, referred);
  for (const id of [...referred].slice(0, MAX_FINDINGS))
    findings.push({
      file: DOCIR,
      field: "/blocks",
      reason: `has a footnote reference to ${id}, which is no block`,
    });
  return findings;
}

function findFault(json: unknown, span: unknown, referred: Set<string>): string | null {
  const marks = marksSchema.safeParse(json);
  const block = z.tuple([z.int(), z.int()]).safeParse(span);
  if (!marks.success || !block.success) return "is followed by marks of another shape";
  let before: Span | undefined;
  for (const mark of marks.data) {
    const [from, to] = mark.span;
    if (from < block.data[0] || to > block.data[1] || from >= to)
      return `is followed by a mark from ${from} to ${to}, outside its block`;
    if (before !== undefined && (before[0] > from || (before[0] === from && before[1] < to)))
      return "is followed by marks that are not in order";
    before = mark.span;
    if (mark.kind === "footnote_reference" && mark.blockId !== undefined) referred.add(mark.blockId);
  }
  return null;
}

/** The marks and the span of each block that has marks, with the byte where its marks begin. */
function* markedBlocks(file: DocIRFile): Generator<{ json: unknown; span: unknown; at: number }> {
  const find = createFinder(file);
  for (let at = find(KEY.marks, 0); at !== -1; at = find(KEY.marks, at + 1)) {
    const begin = at + KEY.marks.length - 1;
    const end = find(KEY.order, begin);
    const reasons = find(KEY.reasons, end);
    const span = find(KEY.span, reasons) + KEY.span.length - 1;
    const isWhole = end !== -1 && reasons !== -1 && span >= KEY.span.length;
    yield {
      at,
      json: isWhole ? parseJson(file.readRange(begin, end + 1)) : null,
      span: isWhole ? parseJson(file.readRange(span, find(KEY.endOfSpan, span) + 1)) : null,
    };
  }
}

/** Removes the ids of all blocks. */
function removeIds(file: DocIRFile, ids: Set<string>): void {
  const find = createFinder(file);
  const length = 18;
  for (let at = find(KEY.id, 0); at !== -1 && ids.size > 0; at = find(KEY.id, at + 1)) {
    const begin = at + KEY.id.length;
    ids.delete(Buffer.from(file.readRange(begin, begin + length)).toString("latin1"));
  }
}

const PART_BYTES = 256 * 1024;

/** Finds bytes at or after a place, which goes forward; only one part of the file is in memory. -1 where there are none. */
function createFinder(file: DocIRFile): (bytes: Buffer, from: number) => number {
  let [start, part] = [0, Buffer.alloc(0)];
  return (bytes, from) => {
    if (from < 0) return -1;
    for (let at = from; at < file.size; ) {
      if (at < start || at + bytes.length > start + part.length) {
        start = at;
        part = Buffer.from(file.readRange(at, at + PART_BYTES));
      }
      const found = part.indexOf(bytes, at - start);
      if (found !== -1) return start + found;
      // The end of the part can hold the beginning of what is looked for.
      const next = start + part.length - bytes.length + 1;
      if (next <= at) return -1;
      at = next;
    }
    return -1;
  };
}
