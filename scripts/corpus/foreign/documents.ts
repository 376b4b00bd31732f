/** Papers, forms and reports as sources, with their prose drawn from seeds. */
import { createSeededRandom } from "../../../src/testing/seeded-random.ts";
import type { Cell, List } from "../model.ts";
import type { Source, SourcePart } from "./source.ts";

const SUBJECTS = [
  "The proposed estimator",
  "Our second experiment",
  "A larger sample",
  "The regional committee",
  "Each participating laboratory",
  "The revised protocol",
  "Sediment transport",
  "An independent reviewer",
  "The heating season",
  "Every household in the survey",
];
const VERBS = [
  "confirms",
  "does not explain",
  "was compared with",
  "depends on",
  "is consistent with",
  "increases",
  "has been attributed to",
  "cannot be separated from",
  "overestimates",
  "was measured before",
];
const OBJECTS = [
  "the characteristic response of the instrument",
  "earlier observations by Hartmann and Okafor [4]",
  "the underlying distribution",
  "transportation costs in mountainous districts",
  "approximately 12.5 % of the variance",
  "the methodological recommendations",
  "a well-known approximation",
  "the concentration of nitrogen",
  "state-of-the-art implementations",
  "the administrative boundary",
];
const ENDS = [
  "under identical conditions",
  "which is why the correction in Section 2 was introduced",
  "(see Table 1)",
  "although only 214 of 1,930 questionnaires were returned",
  "in both seasons",
  "at temperatures below 4.2 K",
  "when the boundary layer is turbulent",
  "as far as the documentation allows",
  "without further assumptions",
  "between 2014 and 2019",
];

function createProse(seed: number) {
  const { next } = createSeededRandom(seed);
  const pick = (from: readonly string[]) => from[Math.floor(next() * from.length)] ?? "";
  const sentence = () => `${pick(SUBJECTS)} ${pick(VERBS)} ${pick(OBJECTS)} ${pick(ENDS)}.`;
  const prose = (count: number) => Array.from({ length: count }, sentence).join(" ");
  const paragraph = (count: number, note?: string): SourcePart => ({
    kind: "paragraph",
    text: prose(count),
    ...(note && { note }),
  });
  return { prose, paragraph, number: (most: number) => Math.floor(next() * most) };
}

const heading = (level: 1 | 2 | 3, text: string): SourcePart => ({ kind: "heading", level, text });
const cells = (...texts: string[]): Cell[] => texts.map((text) => ({ text }));
const heads = (...texts: string[]): Cell[] => texts.map((text) => ({ text, header: true }));
const list = (ordered: boolean, ...items: (string | [string, List])[]): List => ({
  kind: "list",
  ordered,
  items: items.map((item) =>
    typeof item === "string" ? { text: item } : { text: item[0], children: item[1] },
  ),
});

/** Where no outlines of this encoding are installed, LaTeX draws its fonts as pictures that have no names. */
const BITMAP_FONTS = "\\usepackage[T1]{fontenc}";

export const SOURCES: readonly Source[] = [
  ...[101, 102].map((seed, index) => paper(`paper-${index + 1}`, seed, index === 0)),
  longPaper(),
  application(),
  inspectionSheet(),
  expenseClaim(),
  annualReport(),
  surveyReport(),
  minutes(),
];

/** Two columns, with an abstract, notes, captions, formulas and references. */
function paper(name: string, seed: number, isNumbered: boolean): Source {
  const { prose, paragraph, number } = createProse(seed);
  const section = (level: 1 | 2, n: string, text: string) =>
    heading(level, isNumbered ? `${n} ${text}` : text);
  const row = (label: string) =>
    cells(label, `${number(90)}.${number(10)}`, `0.${100 + number(800)}`, String(number(5000)));
  return {
    name,
    columns: 2,
    fontSize: isNumbered ? 10 : 9,
    preamble: isNumbered ? "" : BITMAP_FONTS,
    parts: [
      { kind: "title", text: "Robust Estimation of Sediment Transport in Regulated Rivers" },
      { kind: "byline", text: "Maria Lindqvist, Tomás Okafor and Wei Chen" },
      { kind: "byline", text: "Department of Hydrology, University of Aldmere" },
      { kind: "abstract", text: prose(5) },
      section(1, "1", "Introduction"),
      paragraph(5, "The survey was repeated in the following year with the same instruments."),
      paragraph(6),
      list(
        false,
        `We derive a bound. ${prose(1)}`,
        `We evaluate it on two rivers. ${prose(1)}`,
        "We publish the data.",
      ),
      section(1, "2", "Method"),
      paragraph(4),
      section(2, "2.1", "Sampling"),
      paragraph(5),
      { kind: "equation", tex: "q_s = \\alpha (\\tau - \\tau_c)^{3/2} + \\epsilon" },
      paragraph(4, "Values below the detection limit were replaced by half of it."),
      section(2, "2.2", "Calibration and Uncertainty"),
      paragraph(6),
      list(true, "Rinse the sampler with water from the river.", prose(1), "Record the depth and the time."),
      section(1, "3", "Results"),
      {
        kind: "table",
        caption: "Table 1: Errors of the four estimators on the validation set.",
        rules: "book",
        rows: [
          heads("Estimator", "RMSE", "R2", "n"),
          row("Least squares"),
          row("Huber"),
          row("Theil–Sen"),
          row("Proposed"),
        ],
      },
      paragraph(7),
      {
        kind: "figure",
        caption:
          "Figure 1: Discharge and load over the season; the shaded interval holds 95 % of the samples.",
      },
      paragraph(6),
      section(2, "3.1", "Sensitivity"),
      paragraph(6),
      section(1, "4", "Discussion"),
      paragraph(7),
      paragraph(5),
      section(1, "5", "Conclusion"),
      paragraph(4),
      {
        kind: "references",
        items: [
          "A. Hartmann and T. Okafor. Bed load in alpine streams. Journal of Hydraulic Studies, 12(3):44–61, 2009.",
          "P. J. Huber. Robust estimation of a location parameter. Annals of Statistics, 35:73–101, 1964.",
          "L. Moreau, K. Ito and S. Berg. A survey of turbidity sensors for long deployments in cold water. In Proceedings of the Conference on River Engineering, pages 201–215, 2017.",
          "R. Abebe. Regulated rivers and their sediment. Technical Report 88, Institute for Water, 2015.",
        ],
      },
    ],
  };
}

/** One column, with three levels of headings. */
function longPaper(): Source {
  const { prose, paragraph, number } = createProse(103);
  return {
    name: "paper-3",
    columns: 1,
    fontSize: 11,
    css: "h2{font-variant:small-caps;font-weight:normal;text-align:center}h3{font-style:italic;font-weight:normal}",
    preamble:
      "\\makeatletter\\renewcommand\\section{\\@startsection{section}{1}{0pt}{-3ex}{1ex}{\\centering\\scshape}}\\renewcommand\\subsection{\\@startsection{subsection}{2}{0pt}{-2.5ex}{1ex}{\\itshape}}\\makeatother",
    parts: [
      {
        kind: "title",
        text: "Household Energy Use and the Heating Season: Evidence from a Longitudinal Survey",
      },
      { kind: "byline", text: "J. P. Arnault" },
      { kind: "abstract", text: prose(4) },
      heading(1, "I. Introduction"),
      paragraph(7),
      paragraph(6, "Prices are in constant euros of 2015."),
      heading(1, "II. Data"),
      paragraph(6),
      heading(2, "A. Households"),
      paragraph(5),
      {
        kind: "table",
        rules: "none",
        caption: "Table 1. Households by region and year.",
        rows: [
          heads("Region", "2014", "2017", "2019"),
          ...["North", "Coastal plain", "Mountains", "Capital"].map((region) =>
            cells(region, String(100 + number(400)), String(100 + number(400)), String(100 + number(400))),
          ),
        ],
      },
      heading(2, "B. Weather"),
      paragraph(6),
      list(
        false,
        "Daily mean temperature, from the nearest station.",
        ["Wind speed, where it was recorded:", list(false, "hourly at the coast,", "daily elsewhere.")],
        prose(1),
      ),
      paragraph(6, "Two stations were moved in 2016."),
      heading(1, "III. Results"),
      paragraph(8),
      { kind: "equation", tex: "E_{it} = \\beta_0 + \\beta_1 T_{it} + u_{it}" },
      paragraph(7),
      heading(1, "IV. Conclusion"),
      paragraph(6),
      {
        kind: "references",
        items: [
          "B. Castellanos. Dwellings and their insulation. Energy Letters 4, 2011.",
          "K. Ito. Heating degree days reconsidered. Working paper 17, 2018.",
        ],
      },
    ],
  };
}

function application(): Source {
  const { paragraph } = createProse(104);
  return {
    name: "form-1",
    columns: 1,
    parts: [
      { kind: "title", text: "Application for a Mooring Permit" },
      paragraph(2),
      heading(1, "1 Applicant"),
      {
        kind: "fields",
        look: "lines",
        fields: [
          ["Family name", "Lindqvist"],
          ["Given names", "Maria Elena"],
          ["Date of birth", "14 March 1981"],
          ["Nationality", ""],
          ["Telephone", "+46 70 123 45 67"],
        ],
      },
      heading(1, "2 Vessel"),
      {
        kind: "fields",
        look: "boxes",
        fields: [
          ["Name of vessel", "Sturmvogel II"],
          ["Length over all (m)", "11.40"],
          ["Home port", ""],
          ["Insurance policy number", "MA-2024-00871"],
        ],
      },
      {
        kind: "choices",
        label: "Type of vessel:",
        choices: [
          ["Sailing yacht", true],
          ["Motor boat", false],
          ["Other", false],
        ],
      },
      heading(1, "3 Declaration"),
      paragraph(3),
      list(
        true,
        "I have read the rules of the harbour.",
        "The particulars given above are correct.",
        "I will report any change within 14 days.",
      ),
      {
        kind: "fields",
        look: "lines",
        fields: [
          ["Place and date", ""],
          ["Signature", ""],
        ],
      },
    ],
  };
}

function inspectionSheet(): Source {
  const { paragraph } = createProse(105);
  return {
    name: "form-2",
    columns: 1,
    furniture: { header: "Form 27-B, edition of May 2021", footer: "Harbour Inspectorate" },
    parts: [
      { kind: "title", text: "Inspection Sheet" },
      {
        kind: "table",
        rules: "grid",
        rows: [
          cells("Vessel", "Meridian", "Call sign", "SKLM"),
          cells("Owner", "Aldmere Shipping Ltd", "Inspector", "T. Okafor"),
          cells("Date", "2024-05-17", "Place", "Berth 12"),
        ],
      },
      heading(1, "Part A: Hull"),
      {
        kind: "table",
        rules: "grid",
        rows: [
          heads("No.", "Item", "Satisfactory", "Remarks"),
          cells("A1", "Plating below the waterline", "yes", "renewed in 2022"),
          cells("A2", "Watertight doors", "no", "gasket worn"),
          cells("A3", "Anchor chain", "yes", ""),
          cells("A4", "Load line marks", "yes", ""),
        ],
      },
      heading(1, "Part B: Crew"),
      {
        kind: "choices",
        label: "Certificates complete",
        choices: [
          ["Yes", true],
          ["No", false],
        ],
      },
      {
        kind: "choices",
        label: "Drills held in the last month",
        choices: [
          ["Fire", true],
          ["Abandon ship", false],
          ["Man overboard", true],
        ],
      },
      heading(1, "Part C: Findings"),
      paragraph(3),
      list(false, "Replace the gasket before departure.", "Send a copy of the invoice to the inspectorate."),
      {
        kind: "fields",
        look: "lines",
        fields: [
          ["Signature of the master", ""],
          ["Signature of the inspector", ""],
        ],
      },
    ],
  };
}

function expenseClaim(): Source {
  return {
    name: "form-3",
    columns: 1,
    preamble: BITMAP_FONTS,
    fontSize: 11,
    parts: [
      { kind: "title", text: "Claim for Travel Expenses" },
      {
        kind: "fields",
        look: "boxes",
        fields: [
          ["Employee", "Wei Chen"],
          ["Personnel number", "004417"],
          ["Cost centre", "3150 Hydrology"],
        ],
      },
      heading(2, "Journey"),
      {
        kind: "fields",
        look: "lines",
        fields: [
          ["Purpose", "Conference on River Engineering, Lyon"],
          ["From", "2 June 2024, 07:15"],
          ["To", "6 June 2024, 21:40"],
        ],
      },
      heading(2, "Expenses"),
      {
        kind: "table",
        rules: "grid",
        rows: [
          heads("Date", "Description", "Currency", "Amount"),
          cells("2 June", "Train, second class", "EUR", "184.50"),
          cells("2 June", "Hotel, four nights", "EUR", "412.00"),
          cells("6 June", "Taxi to the station", "EUR", "23.80"),
          [{ text: "Total", cs: 3 }, { text: "620.30" }],
        ],
      },
      heading(2, "Instructions"),
      list(true, "Attach all receipts.", "Sign the form and hand it to your supervisor.", [
        "Keep a copy for",
        list(true, "your own records,", "the project."),
      ]),
      {
        kind: "choices",
        label: "Payment to",
        choices: [
          ["known account", true],
          ["new account", false],
        ],
      },
    ],
  };
}

function annualReport(): Source {
  const { paragraph, prose, number } = createProse(106);
  const year = (label: string) =>
    cells(label, ...Array.from({ length: 7 }, () => String(1000 + number(9000))));
  return {
    name: "report-1",
    columns: 1,
    fontSize: 11,
    furniture: {
      header: "Aldmere Water Authority – Annual Report 2023",
      footer: "Approved by the board on 3 April 2024",
    },
    parts: [
      { kind: "title", text: "Annual Report 2023" },
      { kind: "byline", text: "Aldmere Water Authority" },
      { kind: "pageBreak" },
      { kind: "contents" },
      heading(1, "1 Summary of the Year"),
      paragraph(6),
      paragraph(5),
      heading(1, "2 Operations"),
      paragraph(4),
      heading(2, "2.1 Water Supply"),
      paragraph(7),
      list(false, prose(1), "Two pumping stations were renewed.", prose(2)),
      heading(2, "2.2 Waste Water"),
      paragraph(6),
      heading(3, "2.2.1 Treatment Plants"),
      paragraph(5),
      {
        kind: "table",
        rules: "book",
        caption: "Table 1: Flow by plant, in thousand cubic metres.",
        rows: [
          heads("Plant", "Dry weather", "Storm"),
          cells("Northfield", "4,120", "9,870"),
          cells("Harbour", "2,015", "6,444"),
          cells("Total", "6,135", "16,314"),
        ],
      },
      heading(1, "3 Finances"),
      paragraph(6, "Figures for 2022 were restated after the audit."),
      {
        kind: "wideTable",
        caption: "Table 2: Income and expenditure by quarter, in thousand euros.",
        rows: [
          heads("Item", "Q1 2022", "Q2 2022", "Q3 2022", "Q4 2022", "Q1 2023", "Q2 2023", "Q3 2023"),
          ...["Charges", "Grants", "Staff", "Energy", "Maintenance", "Depreciation"].map(year),
        ],
      },
      paragraph(6),
      heading(1, "4 Outlook"),
      paragraph(6),
      list(true, "Finish the northern main.", prose(1), "Publish the tariff."),
    ],
  };
}

function surveyReport(): Source {
  const { paragraph, prose } = createProse(107);
  return {
    name: "report-2",
    columns: 2,
    furniture: { header: "Aldmere in Figures 4/2023", footer: "Municipal Statistics Office" },
    parts: [
      { kind: "title", text: "Survey of Tenants in Aldmere" },
      heading(1, "Key findings"),
      list(false, prose(1), prose(1), "Rents rose by 4.1 %.", prose(1)),
      heading(1, "Background"),
      paragraph(6),
      paragraph(5, "Returned by post or through the web page."),
      heading(2, "Response"),
      paragraph(5),
      {
        kind: "table",
        rules: "grid",
        caption: "Table 1 Response by district",
        rows: [
          heads("District", "Sent", "Returned"),
          cells("Old Town", "410", "122"),
          cells("Harbour", "655", "201"),
          cells("Hill", "300", "96"),
        ],
      },
      paragraph(6),
      heading(1, "Satisfaction"),
      paragraph(8),
      { kind: "figure", caption: "Figure 1 Satisfaction by age of the building" },
      paragraph(7),
      heading(2, "Heating"),
      paragraph(6),
      heading(2, "Noise"),
      paragraph(6),
      heading(1, "Recommendations"),
      list(true, prose(1), prose(2), prose(1)),
      paragraph(4),
    ],
  };
}

function minutes(): Source {
  const { paragraph, prose } = createProse(108);
  return {
    name: "report-3",
    columns: 1,
    fontSize: 12,
    furniture: { header: "Minutes of the Harbour Committee", footer: "Page" },
    parts: [
      { kind: "title", text: "Minutes of the 47th Meeting" },
      {
        kind: "table",
        rules: "none",
        rows: [
          cells("Date:", "12 September 2023, 14:00"),
          cells("Present:", "Arnault, Berg, Chen, Lindqvist"),
          cells("Apologies:", "Okafor"),
        ],
      },
      heading(1, "1. Approval of the agenda"),
      paragraph(2),
      heading(1, "2. Report of the treasurer"),
      paragraph(5),
      list(false, "The balance is 41,200 euros.", prose(1)),
      heading(1, "3. Dredging of the inner basin"),
      paragraph(6),
      {
        kind: "table",
        rules: "book",
        rows: [
          heads("Contractor", "Offer", "Duration"),
          cells("Baggerwerk", "118,000", "9 weeks"),
          cells("Nordic Dredging", "131,500", "6 weeks"),
          cells("Sandvik & Sons", "97,250", "14 weeks"),
        ],
      },
      paragraph(4),
      heading(1, "4. Any other business"),
      list(true, prose(1), "The next meeting is on 10 October.", prose(1)),
    ],
  };
}
