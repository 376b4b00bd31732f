import { canonicalJson } from "../../canonical-json.ts";
import { isRecord } from "../../domain/serialized.ts";
import { CITING_LISTS } from "../citations.ts";
import { CITATIONS } from "../layout.ts";
import { MAX_LISTED, type ReportMemo } from "../report/report-memo.ts";
import type { Place } from "./canonical.ts";
import type { Finding } from "./check.ts";
import { parseAt, type ReadFile } from "./contents.ts";

/** A citation in a memo: a JSON pointer to the claim that has it, the text of the claim where it has one, and the citation. */
type MemoCitation = Readonly<{ claim: string; text: unknown; cite: unknown }>;

/** The citations of a memo in reading order, one after the other: a large document has many. The same as `citationsOf` of its value. */
export function* readCitations(memo: ReadFile): Generator<MemoCitation> {
  const title = readTitle(memo);
  if (title !== null) yield { claim: "/title", text: title.text, cite: title.cite };
  for (const { claim, item } of listedPlaces(memo)) {
    const value = parseAt(memo, item);
    if (isRecord(value)) yield { claim, text: value.text, cite: value.cite };
  }
}

function readTitle(memo: ReadFile): Readonly<Record<string, unknown>> | null {
  const place = memo.members.get("title");
  const title = place === undefined ? null : parseAt(memo, place);
  return isRecord(title) ? title : null;
}

function* listedPlaces(
  memo: ReadFile,
): Generator<Readonly<{ claim: string; item: Place; cite: Place | null }>> {
  for (const key of CITING_LISTS) {
    for (const [index, item] of (memo.members.get(key)?.citing ?? []).entries()) {
      yield { claim: `/${key}/${index}`, item, cite: item.cite };
    }
  }
}

/** `citations.json` has the citations of the memo, in their order. Both are canonical, so equal values are equal bytes. */
export function compareCitations(citations: ReadFile | undefined, memo: ReadFile | null): readonly Finding[] {
  if (citations === undefined) return [];
  const expected = memo === null ? [] : expectedTexts(memo);
  let index = 0;
  for (const text of expected) {
    const place = citations.elements[index];
    const found = place === undefined ? null : textAt(citations, place);
    if (found !== text) return [differsAt(index)];
    index += 1;
  }
  return index === citations.elements.length ? [] : [differsAt(index)];
}

function* expectedTexts(memo: ReadFile): Generator<string> {
  const title = readTitle(memo);
  if (title !== null) yield Buffer.from(canonicalJson(title.cite ?? null)).toString("latin1");
  for (const { cite } of listedPlaces(memo)) yield cite === null ? "null" : textAt(memo, cite);
}

/** What a report shows of a memo, without the items that it leaves out. */
export function readReportMemo(memo: ReadFile | null): ReportMemo | null {
  if (memo === null || memo.members.size === 0) return null;
  const lists = new Map(
    CITING_LISTS.map((key) => {
      const citing = memo.members.get(key)?.citing ?? [];
      const shown = citing.slice(0, MAX_LISTED).map((place) => parseAt(memo, place));
      return [key, { items: shown.filter(isRecord), count: citing.length }];
    }),
  );
  return { title: readTitle(memo), lists };
}

function textAt(file: ReadFile, { start, end }: Place): string {
  return Buffer.from(file.readRange(start, end)).toString("latin1");
}

function differsAt(index: number): Finding {
  return { file: CITATIONS, field: `/${index}`, reason: "is not the citation that the memo has there" };
}
