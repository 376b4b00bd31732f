import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { strFromU8, strToU8 } from "fflate";
import { buildDocxParts, paragraph } from "../../document/ooxml/docx/test-docx.ts";
import { buildPptxParts, shape, slideText } from "../../document/ooxml/pptx/test-pptx.ts";
import { type TestEntry, writeArchive } from "../../document/ooxml/test-archives.ts";
import type { Parts } from "../../document/ooxml/test-packages.ts";
import { buildXlsxParts, number, row } from "../../document/ooxml/xlsx/test-xlsx.ts";
import { isRunFailureCode, RunFailure } from "../../failure.ts";
import { sha256Hex } from "../../sha256.ts";
import { programCommand, runnerUnderTest } from "../../testing/runner.ts";
import { slow } from "../../testing/service.ts";
import { DERIVE_SUBCOMMAND, type DerivingProcess, startDerivingProcess } from "./child-process.ts";

const OFFICE = "application/vnd.openxmlformats-officedocument";
const MIB = 2 ** 20;

/** Above what the process has before its first document. */
const MAX_GROWTH_BYTES = 300 * MIB;
/** Of processor time: a machine that others use slows no document down by it. */
const TIMEOUT_MS = 30_000;
const SAMPLE_MS = 10;

type Package = Readonly<{ mediaType: string; parts: Parts; main: string; inside: string }>;

/** A small document of each format, the part that its text is in, and an element of that part which holds others. */
const PACKAGES: Readonly<Record<string, Package>> = {
  DOCX: {
    mediaType: `${OFFICE}.wordprocessingml.document`,
    parts: buildDocxParts({ body: paragraph("Text.") }),
    main: "word/document.xml",
    inside: "w:body",
  },
  XLSX: {
    mediaType: `${OFFICE}.spreadsheetml.sheet`,
    parts: buildXlsxParts({ sheets: [{ name: "Sheet", rows: row(1, number("A1", 1)) }] }),
    main: "xl/worksheets/sheet1.xml",
    inside: "sheetData",
  },
  PPTX: {
    mediaType: `${OFFICE}.presentationml.presentation`,
    parts: buildPptxParts({ slides: [{ shapes: shape('type="title"', slideText("Title")) }] }),
    main: "ppt/slides/slide1.xml",
    inside: "p:spTree",
  },
};

type Attack = Readonly<{ expected: string; create(target: Package): Uint8Array }>;

const ENTITY_LEVELS = Array.from(
  { length: 20 },
  (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
).join("");

const XML_ATTACKS: Readonly<Record<string, Attack>> = {
  "entities that expand to 10^20 letters": {
    expected: "FAILED_CORRUPT",
    create: (target) =>
      withMain(target, (xml) =>
        xml
          .replace("?>", `?><!DOCTYPE x [<!ENTITY e0 "a">${ENTITY_LEVELS}]>`)
          .replace(`<${target.inside}>`, `<${target.inside}>&e20;`),
      ),
  },
  "an entity that names a file": {
    expected: "FAILED_CORRUPT",
    create: (target) =>
      withMain(target, (xml) =>
        xml.replace("?>", '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
      ),
  },
  "elements nested 200,000 levels deep": {
    expected: "FAILED_TOO_LARGE",
    create: (target) => withInside(target, "<q>".repeat(200_000) + "</q>".repeat(200_000)),
  },
  "a part that unpacks to 1,000 times its bytes": {
    expected: "FAILED_TOO_LARGE",
    create: (target) => withInside(target, " ".repeat(20 * MIB)),
  },
  "a part that unpacks to 24 MiB of empty elements": {
    expected: "done",
    create: (target) => withInside(target, noisyElements(24 * MIB)),
  },
};

/** The same for all formats, so one of them stands for all. */
const ARCHIVE_ATTACKS: Readonly<Record<string, Attack>> = {
  "20,001 entries": {
    expected: "FAILED_TOO_LARGE",
    create: ({ parts }) => {
      const empty = { data: new Uint8Array() };
      const more = Array.from({ length: 20_001 }, (_, n) => ({ ...empty, name: `x${n}` }));
      return writeArchive([...entriesOf(parts), ...more]);
    },
  },
  "archives in archives": {
    expected: "done",
    create: ({ parts }) => {
      let data: Uint8Array = Buffer.alloc(10 * MIB);
      for (let level = 0; level < 5; level += 1) data = writeArchive([{ name: `${level}.zip`, data }]);
      return writeArchive([...entriesOf(parts), { name: "media/nested.zip", data }]);
    },
  },
  "a part that is said to be small and unpacks to 32 MiB": {
    expected: "FAILED_CORRUPT",
    create: ({ parts, main }) =>
      writeArchive(
        entriesOf(parts).map((entry) =>
          entry.name === main ? { ...entry, data: Buffer.alloc(32 * MIB), declaredBytes: 1_000 } : entry,
        ),
      ),
  },
  "a part that is said to unpack to 180 MiB and does not": {
    expected: "FAILED_TOO_LARGE",
    create: ({ parts, main }) =>
      writeArchive(
        entriesOf(parts).map((entry) =>
          entry.name === main ? { ...entry, declaredBytes: 180 * MIB } : entry,
        ),
      ),
  },
};

describe("a hostile package", () => {
  const read = useProcess();
  for (const [name, target] of Object.entries(PACKAGES)) {
    const attacks = name === "XLSX" ? { ...XML_ATTACKS, ...ARCHIVE_ATTACKS } : XML_ATTACKS;
    for (const [what, { expected, create }] of Object.entries(attacks)) {
      test(`of ${name} with ${what}: ${expected}`, slow, () =>
        read(create(target), target.mediaType, expected),
      );
    }
  }

  test("of XLSX with 1,000 sheets that lie over each other: FAILED_CORRUPT", slow, async () => {
    const sheets = Array.from({ length: 1_000 }, (_, n) => ({ name: `S${n}`, rows: "" }));
    const parts = buildXlsxParts({ sheets });
    const xml = String(parts["xl/worksheets/sheet1.xml"]).replace(
      "<sheetData>",
      `<sheetData>${" ".repeat(MIB)}`,
    );
    const first: TestEntry = { name: "xl/worksheets/sheet1.xml", data: strToU8(xml) };
    const entries = entriesOf(parts).map((entry): TestEntry => {
      if (!entry.name.startsWith("xl/worksheets/")) return entry;
      return entry.name === first.name ? first : { ...first, name: entry.name, sharedWith: first };
    });
    await read(writeArchive(entries), `${OFFICE}.spreadsheetml.sheet`, "FAILED_CORRUPT");
  });
});

/**
 * Starts a process for derivations, and returns what reads a document there and checks how that ends: without the limits of time and
 * memory, which would have ended the process.
 */
function useProcess() {
  let child: DerivingProcess;
  let maxBytes = 0;
  before(async () => {
    child = await startDerivingProcess([...programCommand(runnerUnderTest()), DERIVE_SUBCOMMAND]);
    const { parts, mediaType } = PACKAGES.DOCX ?? { parts: {}, mediaType: "" };
    assert.equal(await outcomeOf(child, writeArchive(entriesOf(parts)), mediaType, 2 ** 30), "done");
    maxBytes = (await child.readResidentBytes()) + MAX_GROWTH_BYTES;
  });
  after(() => child.kill());
  return async (bytes: Uint8Array, mediaType: string, expected: string) => {
    let peak = 0;
    const look = async () => {
      peak = Math.max(peak, await child.readResidentBytes());
    };
    const timer = setInterval(look, SAMPLE_MS);
    const outcome = await outcomeOf(child, bytes, mediaType, maxBytes);
    clearInterval(timer);
    assert.equal(outcome, expected);
    assert.ok(!child.hasEnded(), "the reader itself has refused it");
    assert.ok(peak < maxBytes, `${Math.round(peak / MIB)} MiB`);
  };
}

async function outcomeOf(
  child: DerivingProcess,
  bytes: Uint8Array,
  mediaType: string,
  maxBytes: number,
): Promise<string> {
  const args = { source_sha256: sha256Hex(bytes), media_type: mediaType };
  const derivation = { artifact: "docir", from: [args.source_sha256], args } as const;
  const chain = child.derive(derivation, [bytes], { timeoutMs: TIMEOUT_MS, maxBytes });
  try {
    await chain.first;
    return "done";
  } catch (error) {
    assert.ok(error instanceof RunFailure && isRunFailureCode(error.code), String(error));
    return error.code;
  } finally {
    await chain.whenEnded;
  }
}

function entriesOf(parts: Parts): TestEntry[] {
  return Object.entries(parts).map(([name, content]) => ({
    name,
    data: typeof content === "string" ? strToU8(content) : content,
  }));
}

function withMain({ parts, main }: Package, change: (xml: string) => string): Uint8Array {
  const content = parts[main] ?? "";
  const xml = typeof content === "string" ? content : strFromU8(content);
  return writeArchive(entriesOf({ ...parts, [main]: change(xml) }));
}

function withInside(target: Package, xml: string): Uint8Array {
  const tag = `<${target.inside}>`;
  return withMain(target, (whole) => whole.replace(tag, tag + xml));
}

/** Elements that no reader knows, with numbers, so that they unpack to less than 250 times their bytes. */
function noisyElements(bytes: number): string {
  const once = Array.from({ length: 20_000 }, (_, n) => `<q n="${(n * 2_654_435_761) % 1_000_003}"/>`).join(
    "",
  );
  return once.repeat(Math.ceil(bytes / once.length));
}
