import {
  buildPptx,
  buildPptxParts,
  type PptxParts,
  shape,
  slideTable,
  slideText,
} from "../../src/document/ooxml/pptx/test-pptx.ts";
import { zipParts } from "../../src/document/ooxml/test-packages.ts";
import type { CorpusDocument, Truth } from "./truth.ts";

const MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/** Presentations whose XML is written here by hand, each with what it says. */
export const PPTX_CORPUS: readonly CorpusDocument[] = [
  deck(),
  orderOfSlides(),
  numberedSteps(),
  tables(),
  inheritedBullets(),
  groupsAndPictures(),
  notesAndFooters(),
  strictNamespaces(),
];

function pptx(name: string, parts: PptxParts, truth: Truth): CorpusDocument {
  return { name: `${name}.pptx`, mediaType: MEDIA_TYPE, bytes: buildPptx(parts), truth };
}

function title(text: string): string {
  return shape('type="title"', slideText(text));
}

function bullets(...texts: readonly (readonly [text: string, level?: number])[]): string {
  return shape('idx="1"', ...texts.map(([text, level]) => slideText(text, level)));
}

function deck(): CorpusDocument {
  const slides = [
    {
      shapes:
        shape('type="ctrTitle"', slideText("The north lock")) +
        shape('type="subTitle" idx="1"', slideText("A report to the board", 0, "<a:buNone/>")),
    },
    {
      shapes:
        title("Findings") +
        bullets(["Three anchors have corroded"], ["number 3 is loose", 1], ["The gate is sound"]),
    },
    { shapes: title("Costs") + bullets(["Divers: 14 hours"], ["Bolts: € 84"]) },
  ];
  return pptx(
    "deck",
    { slides },
    {
      text: "The north lock A report to the board Findings Three anchors have corroded number 3 is loose The gate is sound Costs Divers: 14 hours Bolts: € 84",
      headings: ["The north lock", "Findings", "Costs"].map((text) => ({ level: 1, text })),
      listItems: [
        "Three anchors have corroded",
        "number 3 is loose",
        "The gate is sound",
        "Divers: 14 hours",
        "Bolts: € 84",
      ],
      tables: [],
    },
  );
}

function orderOfSlides(): CorpusDocument {
  const slides = ["third", "first", "second"].map((text) => ({
    shapes: bullets([`${text} body`]) + title(`The ${text}`),
  }));
  return pptx(
    "order-of-slides",
    { slides, order: [1, 2, 0] },
    {
      text: "The first first body The second second body The third third body",
      headings: ["The first", "The second", "The third"].map((text) => ({ level: 1, text })),
      listItems: ["first body", "second body", "third body"],
    },
  );
}

function numberedSteps(): CorpusDocument {
  const step = (text: string, level = 0) =>
    slideText(
      text,
      level,
      `<a:buFont typeface="+mj-lt"/><a:buAutoNum type="${level === 0 ? "arabicPeriod" : "alphaLcParenR"}"/>`,
    );
  const texts = ["Close the gate", "upper", "lower", "Pump the water out", "Dive"];
  const shapes =
    title("Steps") + shape("", ...texts.map((text, index) => step(text, index === 1 || index === 2 ? 1 : 0)));
  return pptx(
    "numbered-steps",
    { slides: [{ shapes }] },
    {
      text: ["Steps", ...texts].join(" "),
      headings: [{ level: 1, text: "Steps" }],
      listItems: texts,
    },
  );
}

function tables(): CorpusDocument {
  const shapes =
    title("Opening hours") +
    slideTable(
      [
        ["Lock", 'rowSpan="2"'],
        ["Open", 'gridSpan="2"'],
        ["", 'hMerge="1"'],
      ],
      [["", 'vMerge="1"'], ["from"], ["to"]],
      [["North"], ["6:00"], ["22:00"]],
    );
  return pptx(
    "tables",
    { slides: [{ shapes }] },
    {
      text: "Opening hours Lock Open from to North 6:00 22:00",
      headings: [{ level: 1, text: "Opening hours" }],
      tables: [
        [
          ["Lock", "Open", null],
          [null, "from", "to"],
          ["North", "6:00", "22:00"],
        ],
      ],
      listItems: [],
    },
  );
}

function inheritedBullets(): CorpusDocument {
  const plain = "<a:lstStyle><a:lvl1pPr><a:buNone/></a:lvl1pPr></a:lstStyle>";
  const layout = shape('type="title"') + shape('type="body" idx="13"', plain) + shape('idx="1"');
  const master = shape('type="title"') + shape('type="body" idx="1"');
  const shapes =
    title("Notice") +
    shape('type="body" idx="13"', slideText("The lock is closed.")) +
    bullets(["from Monday"], ["to Friday"]) +
    shape("", slideText("Ask the keeper."));
  return pptx(
    "inherited-bullets",
    { slides: [{ shapes }], layout, master },
    {
      text: "Notice The lock is closed. from Monday to Friday Ask the keeper.",
      headings: [{ level: 1, text: "Notice" }],
      listItems: ["from Monday", "to Friday"],
    },
  );
}

function groupsAndPictures(): CorpusDocument {
  const picture =
    '<p:pic><p:nvPicPr><p:cNvPr id="4" name="Picture 3" descr="The gate at low water"/></p:nvPicPr><p:blipFill><a:blip r:embed="gate"/></p:blipFill></p:pic>';
  const link =
    '<a:p><a:r><a:t>See </a:t></a:r><a:r><a:rPr><a:hlinkClick r:id="site"/></a:rPr><a:t>the archive</a:t></a:r></a:p>';
  const shapes = `${title("Pictures")}<p:grpSp><p:grpSp>${shape("", link)}</p:grpSp>${picture}</p:grpSp>`;
  const related = [
    ["gate", "image", "../media/gate.png"],
    ["site", "hyperlink", "https://archive.test/"],
  ] as const;
  return pptx(
    "groups-and-pictures",
    { slides: [{ shapes, related }] },
    {
      text: "Pictures See the archive The gate at low water",
      headings: [{ level: 1, text: "Pictures" }],
      listItems: [],
      tables: [],
    },
  );
}

function notesAndFooters(): CorpusDocument {
  const footer =
    shape('type="ftr" idx="11"', slideText("Harbour Trust")) +
    shape('type="sldNum" idx="12"', slideText("1"));
  const notes = shape('type="body" idx="1"', slideText("Mention the weather."));
  const slides = [
    { shapes: title("Welcome") + footer, notes },
    { shapes: title("Goodbye") + footer, comments: '<p:cm authorId="0"><p:text>Too short.</p:text></p:cm>' },
  ];
  return pptx(
    "notes-and-footers",
    { slides },
    {
      text: "Welcome Mention the weather. Goodbye Too short.",
      headings: ["Welcome", "Goodbye"].map((text) => ({ level: 1, text })),
      headersAndFooters: ["Harbour Trust"],
    },
  );
}

function strictNamespaces(): CorpusDocument {
  const slides = [{ shapes: title("Strict") + bullets(["ISO 29500"]) }];
  const parts = Object.entries(buildPptxParts({ slides })).map(([name, xml]): [string, string] => [
    name,
    String(xml)
      .replaceAll(
        "schemas.openxmlformats.org/presentationml/2006/main",
        "purl.oclc.org/ooxml/presentationml/main",
      )
      .replaceAll("schemas.openxmlformats.org/drawingml/2006/main", "purl.oclc.org/ooxml/drawingml/main")
      .replaceAll(
        "schemas.openxmlformats.org/officeDocument/2006/relationships",
        "purl.oclc.org/ooxml/officeDocument/relationships",
      ),
  ]);
  return {
    name: "strict-namespaces.pptx",
    mediaType: MEDIA_TYPE,
    bytes: zipParts(Object.fromEntries(parts)),
    truth: { text: "Strict ISO 29500", headings: [{ level: 1, text: "Strict" }], listItems: ["ISO 29500"] },
  };
}
