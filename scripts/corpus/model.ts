import { createSeededRandom } from "../../src/testing/seeded-random.ts";
import type { Truth } from "./truth.ts";

/** A cell of a table: its text, and how many rows and columns it spans. */
export type Cell = Readonly<{ text: string; rs?: number; cs?: number; header?: boolean }>;

/** An item of a list; `children` is a list inside the item. */
export type Item = Readonly<{ text: string; children?: List }>;
export type List = Readonly<{ kind: "list"; ordered: boolean; items: readonly Item[] }>;

/** A part of a document, independent of any format. */
export type Part =
  | Readonly<{ kind: "heading"; level: number; text: string }>
  | Readonly<{ kind: "paragraph" | "code" | "quote" | "caption" | "image"; text: string }>
  | List
  | Readonly<{ kind: "table"; rows: readonly (readonly Cell[])[] }>;

export type Model = Readonly<{ title: string; parts: readonly Part[] }>;

const VOCABULARIES = [
  "harbour vessel cargo tide anchor pilot berth signal weather captain engine repair delay report crew watch night morning",
  "pelabuhan kapal muatan pasang jangkar pemandu sandar isyarat cuaca nakhoda mesin perbaikan laporan awak jaga malam pagi",
  "Hafen Schiff Ladung Gezeiten Anker Lotse Liegeplatz Prüfung Wetter Kapitän Maschine Ausfall Übergabe Größe Wache Nacht",
  "港 船 積荷 潮 錨 水先案内 係留 信号 天気 船長 機関 修理 遅延 報告 乗組員 当直 夜 朝",
  "ميناء سفينة حمولة مد مرساة مرشد رصيف إشارة طقس قبطان محرك إصلاح تأخير تقرير طاقم",
].map((words) => words.split(" "));

/** A document with parts of every kind, the same one for the same seed. */
export function createModel(seed: number): Model {
  const random = createSeededRandom(seed).next;
  const below = (count: number) => Math.floor(random() * count);
  const vocabulary = VOCABULARIES[seed % VOCABULARIES.length] ?? [];
  const words = (count: number) =>
    Array.from({ length: count }, () => vocabulary[below(vocabulary.length)] ?? "").join(" ");
  let serial = 0;
  /** Text that occurs once, so that order and place can be told. */
  const unique = (count: number) => {
    serial += 1;
    return `${words(count)} ${serial}`;
  };
  const list = (depth: number): List => ({
    kind: "list",
    ordered: below(2) === 0,
    items: Array.from({ length: 2 + below(4) }, () => ({
      text: unique(2 + below(8)),
      ...(depth > 0 && below(3) === 0 ? { children: list(depth - 1) } : {}),
    })),
  });
  const table = (): Part => {
    const cols = 2 + below(4);
    const head: Cell[] = Array.from({ length: cols }, () => ({ text: unique(1), header: true }));
    const body = Array.from({ length: 2 + below(5) }, (): Cell[] =>
      below(5) === 0
        ? [{ text: unique(2), cs: cols }]
        : Array.from({ length: cols }, (_, c) => ({
            text: c % 2 === 0 ? unique(1) : String(below(10_000) / 100),
          })),
    );
    return { kind: "table", rows: [head, ...body] };
  };
  const section = (level: number): Part[] => [
    { kind: "heading", level, text: unique(3) },
    { kind: "paragraph", text: `${unique(20 + below(40))}.` },
    ...(below(2) === 0 ? [list(2)] : []),
    { kind: "paragraph", text: `${unique(15 + below(30))}.` },
    ...(below(2) === 0 ? [table()] : []),
    ...(below(3) === 0 ? [{ kind: "quote" as const, text: unique(12) }] : []),
    ...(below(3) === 0 ? [{ kind: "code" as const, text: `let x = ${serial};\n\n  run(x) && <b>;` }] : []),
    ...(below(3) === 0
      ? [
          { kind: "image" as const, text: unique(3) },
          { kind: "caption" as const, text: unique(5) },
        ]
      : []),
  ];
  const title = unique(4);
  return {
    title,
    parts: [
      { kind: "heading", level: 1, text: title },
      { kind: "paragraph", text: `${unique(30)}.` },
      list(1),
      table(),
      ...[2, 3, 3, 2, 3, 4, 2].flatMap(section),
    ],
  };
}

/** What a reader should find in any document that is made from a model. */
export function truthOf({ parts }: Model) {
  return {
    text: parts.map(textOf).join("\n"),
    headings: parts.flatMap((part) =>
      part.kind === "heading" ? [{ level: part.level, text: part.text }] : [],
    ),
    listItems: parts.flatMap((part) => (part.kind === "list" ? itemsOf(part) : [])),
    tables: parts.flatMap((part) =>
      part.kind === "table" ? [part.rows.map((row) => row.map(({ text }) => text))] : [],
    ),
  } satisfies Truth;
}

function textOf(part: Part): string {
  if (part.kind === "list") return itemsOf(part).join("\n");
  if (part.kind === "table") return part.rows.map((row) => row.map(({ text }) => text).join(" ")).join("\n");
  return part.text;
}

function itemsOf({ items }: List): string[] {
  return items.flatMap(({ text, children }) => [text, ...(children ? itemsOf(children) : [])]);
}
