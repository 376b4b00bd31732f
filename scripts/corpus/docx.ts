import {
  abstractList,
  buildDocx,
  buildDocxParts,
  type DocxParts,
  list,
  listItem,
  NUMBERING,
  paragraph,
  run,
  STYLES,
  styled,
  table,
} from "../../src/document/ooxml/docx/test-docx.ts";
import { zipParts } from "../../src/document/ooxml/test-packages.ts";
import type { CorpusDocument, Truth } from "./truth.ts";

const MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/** Word documents whose XML is written here by hand, each with what it says. */
export const DOCX_CORPUS: readonly CorpusDocument[] = [
  report(),
  trackedChanges(),
  notesAndFields(),
  mergedAndNestedTables(),
  textBoxesAndPictures(),
  equationsAndSymbols(),
  strictNamespaces(),
  numberedHeadings(),
  manyScripts(),
  longLists(),
  typedStructure(),
];

function docx(name: string, parts: DocxParts, truth: Truth): CorpusDocument {
  const bytes = buildDocx({ styles: STYLES, numbering: NUMBERING, ...parts });
  return { name: `${name}.docx`, mediaType: MEDIA_TYPE, bytes, truth };
}

function section(...references: readonly (readonly [kind: string, type: string, id: string])[]): string {
  const inside = references.map(([kind, type, id]) => `<w:${kind}Reference w:type="${type}" r:id="${id}"/>`);
  return `<w:sectPr>${inside.join("")}<w:titlePg/></w:sectPr>`;
}

function report(): CorpusDocument {
  const body = [
    styled("Title", "Inspection of the north sill"),
    paragraph("The sill was inspected on 4 March by two divers."),
    styled("Heading1", "Findings"),
    paragraph("Three of the twelve anchors have corroded."),
    styled("Heading2", "Anchors"),
    styled("ListBullet", "Anchor 3 is loose."),
    listItem("The bolt is missing.", 1, 1),
    styled("ListBullet", "Anchor 7 is bent."),
    styled("Heading2", "Costs"),
    table(
      [paragraph("Item"), paragraph("Hours"), paragraph("Cost")],
      [paragraph("Divers"), paragraph("14"), paragraph("€ 2,100")],
      [paragraph("Bolts"), paragraph(""), paragraph("€ 84")],
    ),
    styled("Caption", "Table 1. What the repair costs."),
    styled("Heading1", "Next steps"),
    listItem("Order the bolts.", 2),
    listItem("Close the lock.", 2),
    styled("Quote", "Nobody dives alone."),
    section(["header", "default", "header1"], ["footer", "default", "footer1"]),
  ].join("");
  const furniture = { header1: paragraph("Harbour Trust, internal"), footer1: paragraph("Page 1 of 4") };
  return docx(
    "report",
    { body, furniture },
    {
      text: "Inspection of the north sill The sill was inspected on 4 March by two divers. Findings Three of the twelve anchors have corroded. Anchors Anchor 3 is loose. The bolt is missing. Anchor 7 is bent. Costs Item Hours Cost Divers 14 € 2,100 Bolts € 84 Table 1. What the repair costs. Next steps Order the bolts. Close the lock. Nobody dives alone.",
      headings: [
        { level: 0, text: "Inspection of the north sill" },
        { level: 1, text: "Findings" },
        { level: 2, text: "Anchors" },
        { level: 2, text: "Costs" },
        { level: 1, text: "Next steps" },
      ],
      listItems: [
        "Anchor 3 is loose.",
        "The bolt is missing.",
        "Anchor 7 is bent.",
        "Order the bolts.",
        "Close the lock.",
      ],
      tables: [
        [
          ["Item", "Hours", "Cost"],
          ["Divers", "14", "€ 2,100"],
          ["Bolts", "", "€ 84"],
        ],
      ],
      headersAndFooters: ["Harbour Trust, internal", "Page 1 of 4"],
    },
  );
}

function trackedChanges(): CorpusDocument {
  const deleted = (text: string) => `<w:del w:id="1"><w:r><w:delText>${text}</w:delText></w:r></w:del>`;
  const body = [
    styled("Heading1", "Agreement"),
    `<w:p>${run("The pump is ")}${deleted("old and ")}<w:ins w:id="2">${run("serviced ")}</w:ins>${run("every month.")}</w:p>`,
    `<w:p><w:moveFrom w:id="3">${run("This sentence moved.")}</w:moveFrom>${run("It stays here.")}</w:p>`,
    `<w:p><w:moveTo w:id="4">${run("This sentence moved.")}</w:moveTo></w:p>`,
    `<w:p><w:pPr><w:rPr><w:del w:id="5"/></w:rPr></w:pPr>${run("One paragraph ")}</w:p>`,
    paragraph("out of two."),
    `<w:p><w:commentRangeStart w:id="0"/>${run("Payment is due at once.")}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>`,
    `<w:tbl><w:tr><w:tc>${paragraph("kept")}</w:tc></w:tr><w:tr><w:trPr><w:del w:id="6"/></w:trPr><w:tc>${paragraph("struck")}</w:tc></w:tr></w:tbl>`,
  ].join("");
  return docx(
    "tracked-changes",
    { body, comments: `<w:comment w:id="0" w:author="A">${paragraph("Thirty days are usual.")}</w:comment>` },
    {
      text: "Agreement The pump is serviced every month. It stays here. This sentence moved. One paragraph out of two. Payment is due at once. kept",
      headings: [{ level: 1, text: "Agreement" }],
      listItems: [],
      tables: [[["kept"]]],
      comments: ["Thirty days are usual."],
    },
  );
}

function notesAndFields(): CorpusDocument {
  const note = (kind: string, id: number, text: string) =>
    `<w:${kind} w:id="${id}">${paragraph(text)}</w:${kind}>`;
  const reference = (kind: string, id: number) => `<w:r><w:${kind}Reference w:id="${id}"/></w:r>`;
  const field = (instruction: string, result: string) =>
    `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>${instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`;
  const body = [
    styled("Heading1", "On the age of the sill"),
    `<w:p>${run("The sill was laid in 1871")}${reference("footnote", 1)}${run(" and raised in 1934.")}${reference("footnote", 2)}</w:p>`,
    `<w:p>${run("See section ")}${field(" REF _Ref1 \\h ", "4.2")}${run(" and ")}<w:hyperlink r:id="site">${run("the archive")}</w:hyperlink>${run(".")}</w:p>`,
    `<w:p>${run("Nobody has seen it dry.")}${reference("endnote", 1)}</w:p>`,
  ].join("");
  return docx(
    "notes-and-fields",
    {
      body,
      related: [["site", "hyperlink", "https://archive.test/"]],
      footnotes: `<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>${note("footnote", 1, "Deed of 2 May 1871, page 14.")}${note("footnote", 2, "By 0.6 m.")}`,
      endnotes: note("endnote", 1, "One diver has walked along it."),
    },
    {
      text: "On the age of the sill The sill was laid in 1871[1] and raised in 1934.[2] See section 4.2 and the archive. Nobody has seen it dry.[1]",
      headings: [{ level: 1, text: "On the age of the sill" }],
      footnotes: ["Deed of 2 May 1871, page 14.", "By 0.6 m.", "One diver has walked along it."],
    },
  );
}

function mergedAndNestedTables(): CorpusDocument {
  const cell = (text: string, properties: string) => `<w:tcPr>${properties}</w:tcPr>${paragraph(text)}`;
  const wide = '<w:gridSpan w:val="2"/>';
  const inner = table([paragraph("depth"), paragraph("4 m")], [paragraph("width"), paragraph("11 m")]);
  const body = [
    styled("Heading1", "Locks"),
    table(
      [cell("Lock", '<w:vMerge w:val="restart"/>'), cell("Opening hours", wide)],
      [cell("", "<w:vMerge/>"), paragraph("from"), paragraph("to")],
      [paragraph("North"), paragraph("6:00"), paragraph("22:00")],
      [paragraph("South"), cell("closed", wide)],
    ),
    paragraph("The dimensions follow."),
    table([paragraph("North") + inner, paragraph("Built in 1871") + paragraph("Raised in 1934")]),
  ].join("");
  return docx(
    "merged-and-nested-tables",
    { body },
    {
      text: "Locks Lock Opening hours from to North 6:00 22:00 South closed The dimensions follow. North Built in 1871 Raised in 1934 depth 4 m width 11 m",
      headings: [{ level: 1, text: "Locks" }],
      listItems: [],
      tables: [
        [
          ["Lock", "Opening hours", null],
          [null, "from", "to"],
          ["North", "6:00", "22:00"],
          ["South", "closed", null],
        ],
        [["North", "Built in 1871 Raised in 1934"]],
        [
          ["depth", "4 m"],
          ["width", "11 m"],
        ],
      ],
    },
  );
}

function textBoxesAndPictures(): CorpusDocument {
  const content = `<w:txbxContent>${paragraph("Beware of the current.")}</w:txbxContent>`;
  const box = `<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="1" name="Text Box 1"/><a:graphic><a:graphicData><wps:wsp><wps:txbx>${content}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>${content}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent>`;
  const picture = `<w:drawing><wp:inline><wp:docPr id="2" name="Picture 1" descr="The north lock at low water"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="lock"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>`;
  const body = [
    styled("Heading1", "Notice"),
    `<w:p>${run("Ships wait below the gate.")}<w:r>${box}</w:r></w:p>`,
    `<w:p><w:r>${picture}</w:r></w:p>`,
    paragraph("The gate opens at noon."),
  ].join("");
  return docx(
    "text-boxes-and-pictures",
    { body, related: [["lock", "image", "media/lock.png"]] },
    {
      text: "Notice Ships wait below the gate. Beware of the current. The north lock at low water The gate opens at noon.",
      headings: [{ level: 1, text: "Notice" }],
      listItems: [],
      tables: [],
    },
  );
}

function equationsAndSymbols(): CorpusDocument {
  const r = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`;
  const flow = `<m:oMath>${r("Q=")}<m:f><m:num>${r("2")}</m:num><m:den>${r("3")}</m:den></m:f>${r("b")}<m:rad><m:deg/><m:e>${r("2g")}</m:e></m:rad><m:sSup><m:e>${r("h")}</m:e><m:sup>${r("1.5")}</m:sup></m:sSup></m:oMath>`;
  const body = [
    styled("Heading1", "Flow over the sill"),
    paragraph("The flow follows from the height of the water:"),
    `<w:p><m:oMathPara>${flow}</m:oMathPara></w:p>`,
    `<w:p>${run("The angle ")}<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>${run(" is small")}<w:r><w:noBreakHyphen/></w:r>${run("ish.")}</w:p>`,
    `<w:p>${run("Column one")}<w:r><w:tab/></w:r>${run("column two")}<w:r><w:br/></w:r>${run("second line")}</w:p>`,
  ].join("");
  return docx(
    "equations-and-symbols",
    { body },
    {
      text: "Flow over the sill The flow follows from the height of the water: Q=2/3b√2gh^1.5 The angle α is small-ish. Column one column two second line",
      headings: [{ level: 1, text: "Flow over the sill" }],
      listItems: [],
      tables: [],
    },
  );
}

function strictNamespaces(): CorpusDocument {
  const parts = buildDocxParts({
    styles: STYLES,
    body: [
      styled("Heading1", "Strict"),
      paragraph(
        "This document uses the namespaces of ISO 29500.",
        section(["header", "default", "header1"], ["header", "first", "header2"]),
      ),
      styled("Heading2", "Elsewhere"),
      paragraph("Its main part is not where it is expected."),
      section(["header", "default", "header1"]),
    ].join(""),
    furniture: { header1: paragraph("ISO 29500 strict"), header2: paragraph("Cover page") },
  });
  const strict = Object.entries(parts).map(([name, xml]): [string, string] => [
    name.replace(/^word\//, "content/text/").replace("document.xml", "main.xml"),
    String(xml)
      .replaceAll(
        "schemas.openxmlformats.org/wordprocessingml/2006/main",
        "purl.oclc.org/ooxml/wordprocessingml/main",
      )
      .replaceAll(
        "schemas.openxmlformats.org/officeDocument/2006/relationships",
        "purl.oclc.org/ooxml/officeDocument/relationships",
      )
      .replace('Target="word/document.xml"', 'Target="/content/text/main.xml"'),
  ]);
  return {
    name: "strict-namespaces.docx",
    mediaType: MEDIA_TYPE,
    bytes: zipParts(Object.fromEntries(strict)),
    truth: {
      text: "Strict This document uses the namespaces of ISO 29500. Elsewhere Its main part is not where it is expected.",
      headings: [
        { level: 1, text: "Strict" },
        { level: 2, text: "Elsewhere" },
      ],
      headersAndFooters: ["ISO 29500 strict", "Cover page"],
    },
  };
}

function numberedHeadings(): CorpusDocument {
  const styles = `${STYLES}
    <w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="Heading1"/><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="Abschnitt"><w:name w:val="Abschnitt"/><w:pPr><w:outlineLvl w:val="1"/><w:numPr><w:ilvl w:val="1"/><w:numId w:val="5"/></w:numPr></w:pPr></w:style>`;
  const numbering =
    NUMBERING +
    abstractList(5, [
      ["decimal", "%1"],
      ["decimal", "%1.%2"],
    ]) +
    list(5, 5);
  const body = [
    styled("Kapitel", "Purpose"),
    styled("Abschnitt", "Scope"),
    paragraph("These rules hold for both locks."),
    styled("Abschnitt", "Words"),
    paragraph("A keeper is whoever is on duty."),
    styled("Kapitel", "Duties"),
    listItem("Watch the gauge.", 2),
    listItem("at the gate", 2, 1),
    listItem("at the bridge", 2, 1),
    listItem("Write the log.", 2),
    paragraph("A last word", '<w:outlineLvl w:val="2"/>'),
  ].join("");
  return docx(
    "numbered-headings",
    { body, styles, numbering },
    {
      text: "Purpose Scope These rules hold for both locks. Words A keeper is whoever is on duty. Duties Watch the gauge. at the gate at the bridge Write the log. A last word",
      headings: [
        { level: 1, text: "Purpose" },
        { level: 2, text: "Scope" },
        { level: 2, text: "Words" },
        { level: 1, text: "Duties" },
        { level: 3, text: "A last word" },
      ],
      listItems: ["Watch the gauge.", "at the gate", "at the bridge", "Write the log."],
    },
  );
}

function manyScripts(): CorpusDocument {
  const body = [
    styled("Title", "水門の点検"),
    paragraph("北の水門は三月四日に点検された。"),
    styled("Heading1", "הנעילה"),
    paragraph("השער נפתח בצהריים."),
    styled("Heading1", "القفل"),
    paragraph("يفتح الباب عند الظهر."),
    `<w:p><w:r><w:ruby><w:rt><w:r><w:t>すいもん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>水門</w:t></w:r></w:rubyBase></w:ruby></w:r>${run("は開く。")}</w:p>`,
    `<w:p><w:sdt><w:sdtPr/><w:sdtContent>${run("Ein Feld mit Größe é.")}</w:sdtContent></w:sdt></w:p>`,
  ].join("");
  return docx(
    "many-scripts",
    { body },
    {
      text: "水門の点検 北の水門は三月四日に点検された。 הנעילה השער נפתח בצהריים. القفل يفتح الباب عند الظهر. 水門は開く。 Ein Feld mit Größe é.",
      headings: [
        { level: 0, text: "水門の点検" },
        { level: 1, text: "הנעילה" },
        { level: 1, text: "القفل" },
      ],
    },
  );
}

function longLists(): CorpusDocument {
  const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
  const items = numbers.map((number) => `Check point ${number} of the north gate.`);
  const rows = numbers.map((number) => [
    `Gauge ${number}`,
    `${number * 3} cm`,
    number % 4 === 0 ? "high" : "normal",
  ]);
  const body = [
    styled("Heading1", "Rounds"),
    ...items.map((item, index) => listItem(item, 2, index % 3)),
    styled("Heading1", "Readings"),
    table(...rows.map((cells) => cells.map((cell) => paragraph(cell)))),
  ].join("");
  return docx(
    "long-lists",
    { body },
    {
      text: ["Rounds", ...items, "Readings", ...rows.flat()].join(" "),
      headings: [
        { level: 1, text: "Rounds" },
        { level: 1, text: "Readings" },
      ],
      listItems: items,
      tables: [rows],
    },
  );
}

/** No styles and no numbering: headings by bold type, lists by typed signs. */
function typedStructure(): CorpusDocument {
  const bold = (text: string, size = "") => `<w:p>${run(text, `<w:b/>${size}`)}</w:p>`;
  const body = [
    bold("Minutes of the harbour board", '<w:sz w:val="36"/>'),
    paragraph("The board met on 3 May with five members present."),
    bold("Budget", '<w:sz w:val="28"/>'),
    paragraph("The budget was approved without changes by all members."),
    bold("Dredging"),
    paragraph("Dredging begins in June. To be done before:"),
    paragraph("•\tOrder the buoys"),
    paragraph("•\tPaint the gate"),
    paragraph("1. Call the ministry"),
    paragraph("2. Write the report"),
    paragraph("1900. That was the year of the great storm."),
    `<w:p>${run("Note: ", "<w:b/>")}${run("the next meeting is in July.")}</w:p>`,
  ];
  return docx(
    "typed-structure",
    { body: body.join("") },
    {
      text: "Minutes of the harbour board The board met on 3 May with five members present. Budget The budget was approved without changes by all members. Dredging Dredging begins in June. To be done before: Order the buoys Paint the gate Call the ministry Write the report 1900. That was the year of the great storm. Note: the next meeting is in July.",
      headings: [
        { level: 1, text: "Minutes of the harbour board" },
        { level: 2, text: "Budget" },
        { level: 3, text: "Dredging" },
      ],
      listItems: ["Order the buoys", "Paint the gate", "Call the ministry", "Write the report"],
    },
  );
}
