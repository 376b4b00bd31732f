/** The pages that `print-pdf.ts` prints: what they say is written here, so that it is known exactly. */
import { createSeededRandom } from "../../src/testing/seeded-random.ts";
import type { Cell, List, Part } from "./model.ts";

/** A page for the printer. `furniture` stands at the top and bottom of every sheet. */
export type Print = Readonly<{
  name: string;
  css: string;
  lang: string;
  parts: readonly Part[];
  furniture?: Readonly<{ header: string; footer: string }>;
  /** The HTML of the parts in other boxes than one after the other; `parts` are in reading order all the same. */
  layOut?: (html: readonly string[]) => string;
}>;

const SERIF = "body{font:10.5pt/1.4 'DejaVu Serif'}";
const SANS = "body{font:10pt/1.45 'DejaVu Sans'}";
const RULED = "table{border-collapse:collapse}td,th{border:1px solid #444;padding:3px 6px}";
const ROWS =
  "table{border-collapse:collapse}td,th{border-bottom:1px solid #bbb;padding:4px 10px;text-align:left}";

const SUBJECTS = [
  "The pilot",
  "The harbour office",
  "A second crew",
  "The night watch",
  "Every vessel over forty metres",
  "The inspector",
];
const VERBS = ["recorded", "reported", "compared", "measured", "questioned", "summarised"];
const OBJECTS = [
  "the depth at the northern sill",
  "the state of all twelve anchors",
  "the costs of the repair",
  "a current that nobody expected",
  "the tide tables of the last season",
  "the weather before departure",
];
const ENDINGS = [
  "before the ebb began",
  "and asked for a new survey",
  "although the light was poor",
  "in a letter to the ministry",
  "while two tugs were waiting outside",
  "as the regulations require",
];

/** Texts that differ from each other, the same ones for the same seed. */
function createWriter(seed: number) {
  const { next } = createSeededRandom(seed);
  const pick = (from: readonly string[]) => from[Math.floor(next() * from.length)] ?? "";
  let serial = 0;
  const sentence = () => {
    serial += 1;
    const clause = next() < 0.5 ? `, as entry ${serial} of the log shows` : "";
    return `${pick(SUBJECTS)} ${pick(VERBS)} ${pick(OBJECTS)} ${pick(ENDINGS)}${clause}.`;
  };
  const paragraph = (sentences: number): Part => ({
    kind: "paragraph",
    text: Array.from({ length: sentences }, sentence).join(" "),
  });
  const number = (most: number) => String(Math.floor(next() * most));
  return { sentence, paragraph, number };
}

const heading = (level: number, text: string): Part => ({ kind: "heading", level, text });
const cells = (...texts: string[]): Cell[] => texts.map((text) => ({ text }));
const heads = (...texts: string[]): Cell[] => texts.map((text) => ({ text, header: true }));
const table = (...rows: Cell[][]): Part => ({ kind: "table", rows });
const list = (ordered: boolean, ...items: (string | [string, List])[]): List => ({
  kind: "list",
  ordered,
  items: items.map((item) =>
    typeof item === "string" ? { text: item } : { text: item[0], children: item[1] },
  ),
});

export const PRINTS: readonly Print[] = [
  report(),
  twoColumns(),
  plainTables(),
  sidebar(),
  longParagraphs(),
  lists(),
  bandedTables(),
  codeAndQuotes(),
  newsletter(),
  arabic(),
  mergedCells(),
  manual(),
];

function report(): Print {
  const { paragraph, sentence } = createWriter(1);
  return {
    name: "report",
    lang: "en",
    css: `${SANS}${RULED}h1{font-size:22pt}h2{font-size:15pt}h3{font-size:11.5pt}`,
    furniture: { header: "Harbour Trust · internal report 14", footer: "Printed for the board, May 2024" },
    parts: [
      heading(1, "Inspection of the northern sill"),
      paragraph(3),
      heading(2, "Findings"),
      paragraph(4),
      list(
        false,
        "Anchor 3 is loose and must be replaced.",
        ["Anchor 7 is bent in two places:", list(false, "above the shackle,", "at the crown.")],
        sentence(),
      ),
      heading(3, "Measurements"),
      table(
        heads("Place", "Depth", "Change"),
        cells("North", "12.4 m", "−0.3"),
        cells("South basin", "9.1 m", "+0.1"),
        cells("Gate", "7.0 m", "0.0"),
      ),
      paragraph(5),
      heading(2, "Costs and next steps"),
      paragraph(6),
      list(true, "Order the bolts.", sentence(), "Close the lock for one night.", "Report to the board."),
      paragraph(6),
      heading(3, "Open questions"),
      paragraph(8),
      heading(2, "Conclusion"),
      paragraph(5),
    ],
  };
}

function twoColumns(): Print {
  const { paragraph } = createWriter(2);
  const parts: Part[] = [
    heading(1, "Currents at the mouth of the estuary"),
    paragraph(3),
    heading(2, "1. Introduction"),
    paragraph(6),
    paragraph(5),
    heading(2, "2. Method"),
    paragraph(7),
    heading(3, "2.1 Instruments"),
    paragraph(6),
    heading(3, "2.2 Calibration"),
    paragraph(5),
    heading(2, "3. Results"),
    paragraph(7),
    paragraph(6),
    heading(2, "4. Discussion"),
    paragraph(8),
  ];
  return {
    name: "two-columns",
    lang: "en",
    css: `${SERIF}h1{font-size:20pt;text-align:center}h2{font-size:12.5pt}h3{font-size:10.5pt}.c{column-count:2;column-gap:18pt;text-align:justify;hyphens:auto}p{margin:0 0 .3em;text-indent:1.2em}`,
    parts,
    layOut: (html) => `${html.slice(0, 2).join("")}<div class=c>${html.slice(2).join("")}</div>`,
  };
}

function plainTables(): Print {
  const { paragraph, number } = createWriter(3);
  const ports = ["Tanjung Priok", "Belawan", "Makassar", "Ambon", "Bitung"];
  return {
    name: "plain-tables",
    lang: "en",
    css: `${SERIF}h1{font-size:18pt}h2{font-size:13pt}td,th{text-align:left;padding:2px 8px}td:nth-child(n+2){text-align:right}`,
    parts: [
      heading(1, "Cargo by port"),
      paragraph(4),
      heading(2, "Containers and bulk"),
      table(
        heads("Port", "Containers", "Bulk", "Total"),
        ...ports.map((port) => cells(port, number(9000), number(700), number(99_000))),
      ),
      paragraph(5),
      heading(2, "Delays by cause"),
      table(
        cells("Weather", "12 h"),
        cells("Missing papers", "31 h"),
        cells("Repairs", "7 h"),
        cells("No berth free", "18 h"),
      ),
      paragraph(4),
      paragraph(3),
    ],
  };
}

function sidebar(): Print {
  const { paragraph, sentence } = createWriter(4);
  const parts: Part[] = [
    heading(1, "Winter timetable"),
    heading(2, "In this issue"),
    list(false, "Ferries", "Bridges", "Pilots", "Contacts"),
    heading(2, "Ferries run later"),
    paragraph(6),
    paragraph(5),
    heading(2, "Two bridges close"),
    paragraph(7),
    list(false, sentence(), sentence()),
    paragraph(5),
  ];
  return {
    name: "sidebar",
    lang: "en",
    css: `${SANS}h1{font-size:24pt;font-weight:400}h2{font-size:13pt}.g{display:flex;flex-direction:row-reverse}.s{width:26%;font-size:9pt;background:#eee;padding:8pt;margin-right:14pt}.m{flex:1}`,
    parts,
    layOut: (html) =>
      `${html[0]}<div class=g><div class=m>${html.slice(3).join("")}</div><div class=s>${html.slice(1, 3).join("")}</div></div>`,
  };
}

function longParagraphs(): Print {
  const { paragraph } = createWriter(5);
  return {
    name: "long-paragraphs",
    lang: "en",
    css: `body{font:12pt/1.6 'DejaVu Serif';text-align:justify;hyphens:auto}h1{font-size:19pt}p{margin:0;text-indent:2em}`,
    furniture: { header: "Harbour archive, volume 3", footer: "" },
    parts: [
      heading(1, "The log of the northern sill in the year of the great repair"),
      ...[24, 30, 26, 18].map(paragraph),
    ],
  };
}

function lists(): Print {
  const { sentence, paragraph } = createWriter(6);
  return {
    name: "lists",
    lang: "en",
    css: `${SANS}h1{font-size:17pt}h2{font-size:12pt}ol ol{list-style:lower-alpha}ul.s{list-style:square}`,
    parts: [
      heading(1, "Orders for the night watch"),
      paragraph(2),
      list(
        true,
        [
          "Before the watch:",
          list(true, "read the log,", "check the lamps and the horn of the northern light,", "sign."),
        ],
        `${sentence()} ${sentence()}`,
        ["During the watch:", list(true, sentence(), sentence())],
        "After the watch, hand over.",
      ),
      heading(2, "What to carry"),
      list(
        false,
        "Lamp",
        "Radio",
        `Keys: ${sentence()}`,
        ["Papers", list(false, "pass", ["log", list(false, "in ink", "never in pencil")])],
        "Whistle",
      ),
      paragraph(3),
      heading(2, "Whom to call"),
      list(
        true,
        "The pilot on duty.",
        "The harbour office.",
        "The fire brigade.",
        "The coast guard.",
        "The mayor.",
        "The press, never.",
        "The divers.",
        "The tugs.",
        "The crane.",
        "The bridge.",
        "Nobody else.",
      ),
    ],
  };
}

function bandedTables(): Print {
  const { paragraph, number, sentence } = createWriter(7);
  const row = (name: string) => cells(name, number(100), number(1000), `${number(90)} %`);
  return {
    name: "banded-tables",
    lang: "en",
    css: `${SANS}${ROWS}h1{font-size:18pt}h2{font-size:13pt}tr:nth-child(odd){background:#f3f3f3}`,
    parts: [
      heading(1, "Quarterly figures"),
      paragraph(3),
      table(
        heads("Month", "Ships", "Tonnes", "Share"),
        row("January"),
        row("February"),
        row("March"),
        row("April"),
      ),
      paragraph(4),
      heading(2, "Remarks"),
      table(
        heads("Item", "Remark"),
        cells("Crane", `${sentence()} ${sentence()}`),
        cells("Bridge", sentence()),
        cells("Lights", "None."),
      ),
      paragraph(3),
    ],
  };
}

function codeAndQuotes(): Print {
  const { paragraph, sentence } = createWriter(8);
  return {
    name: "code-and-quotes",
    lang: "en",
    css: `${SERIF}h1{font-size:21pt}h2{font-size:14pt;font-style:italic;font-weight:400}pre{font:9pt 'DejaVu Sans Mono';background:#f4f4f4;padding:6pt;border:1px solid #ccc}blockquote{border-left:3px solid #999;padding-left:10pt}figcaption{font-size:8.5pt}`,
    parts: [
      heading(1, "How the tide is computed"),
      paragraph(4),
      heading(2, "The formula"),
      {
        kind: "code",
        text: "function height(t) {\n  let sum = 0;\n  for (const c of parts) {\n    sum += c.a * cos(c.w * t);\n  }\n  return sum;\n}",
      },
      paragraph(4),
      { kind: "quote", text: `${sentence()} ${sentence()}` },
      { kind: "caption", text: "Figure 1: Heights at the northern sill, measured and computed." },
      heading(2, "What it leaves out"),
      paragraph(6),
    ],
  };
}

function newsletter(): Print {
  const { paragraph } = createWriter(9);
  const stories = ["New crane arrives", "Seals in the basin", "Night work", "A pilot retires"];
  return {
    name: "newsletter",
    lang: "en",
    css: "body{font:9pt/1.35 'DejaVu Sans'}h1{font-size:26pt;margin:0}h2{font-size:12pt;margin:.6em 0 .2em}p{margin:0 0 .5em}.c{column-count:3;column-gap:14pt;column-rule:1px solid #888}",
    parts: [
      heading(1, "Harbour News"),
      ...stories.flatMap((story, index) => [heading(2, story), paragraph(5 + index), paragraph(4)]),
    ],
    layOut: (html) => `${html[0]}<div class=c>${html.slice(1).join("")}</div>`,
  };
}

function arabic(): Print {
  return {
    name: "arabic-hebrew",
    lang: "ar",
    css: "body{font:12pt/1.7 'DejaVu Sans';direction:rtl}h1{font-size:20pt}",
    parts: [
      heading(1, "تقرير الميناء"),
      {
        kind: "paragraph",
        text: "سجل المرشد عمق العتبة الشمالية قبل الجزر، ولا يزال القبطان ينتظر إصلاح المرساة الثالثة في الرصيف الجنوبي منذ 14 يوما.",
      },
      {
        kind: "paragraph",
        text: "הנמל דיווח על מצב העוגנים ועל עלות התיקון לפני השפל, והקברניט עדיין ממתין ליד הרציף הדרומי.",
      },
      {
        kind: "paragraph",
        text: "الحمولة 250 طنا، والسفينة Meridian تغادر غدا إلى الميناء الكبير مع طاقم جديد وقبطان آخر من المدينة.",
      },
    ],
  };
}

function mergedCells(): Print {
  const { paragraph } = createWriter(12);
  return {
    name: "merged-cells",
    lang: "en",
    css: `${SERIF}${RULED}h1{font-size:18pt}`,
    parts: [
      heading(1, "Berths and their use"),
      paragraph(2),
      table(
        [
          { text: "Berth", header: true, rs: 2 },
          { text: "Ships", header: true, cs: 2 },
          { text: "Remark", header: true, rs: 2 },
        ],
        heads("small", "large"),
        cells("A", "12", "3", "Crane out of service until the end of June"),
        cells("B", "7", "9", "–"),
        [{ text: "Closed for repairs", cs: 4 }],
        cells("C", "0", "4", "Deep water"),
      ),
      paragraph(5),
    ],
  };
}

/** As manuals of programs are printed: small listings, headings of a fixed width, with a shadow, and rules around groups of rows. */
function manual(): Print {
  const { paragraph } = createWriter(13);
  return {
    name: "manual",
    lang: "en",
    css: `body{font:11.5pt/1.4 'DejaVu Serif'}h1,h2{font-family:'DejaVu Sans Mono'}h1{font-size:20pt;text-shadow:0 .4pt 0 #777}h2{font-size:12pt}pre{font:8pt 'DejaVu Sans Mono'}table{border-collapse:collapse;border:1px solid #444}th{border:1px solid #444}td{border-left:1px solid #444}td,th{padding:2px 30px 2px 6px}`,
    parts: [
      heading(1, "2. The tide program"),
      { kind: "paragraph", text: "It reads the levels of all locks and writes them every ten minutes." },
      heading(2, "Commands of the operator"),
      {
        kind: "code",
        text: `for (const lock of locks) {\n  if (lock.isOpen) {\n      close(lock);\n  }\n}\n${Array.from({ length: 26 }, (_, n) => `report(${n}, "level of the lock in metres above the sill");`).join("\n")}`,
      },
      { kind: "paragraph", text: "Each command ends when the lock has answered." },
      heading(2, "Codes of the answers"),
      table(
        heads("Code", "Lock", "Meaning"),
        cells("G0", "north", "open"),
        cells("G1", "south", "closed"),
        cells("G2", "both", "moving"),
        cells("G9", "both", "no answer"),
      ),
      paragraph(2),
    ],
  };
}
