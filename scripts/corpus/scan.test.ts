import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { reproduceBundle } from "../../src/bundle/reproduce.ts";
import { verifyBundle } from "../../src/bundle/verify/verify.ts";
import { canonicalJsonBytes } from "../../src/canonical-json.ts";
import { buildDocIR, type DocIR, isReadableDocument } from "../../src/document/index.ts";
import { assertInvariants } from "../../src/document/test-kit.ts";
import { RunFailure } from "../../src/failure.ts";
import { DERIVE_SUBCOMMAND, startDerivingProcess } from "../../src/flow/derivation/child-process.ts";
import { derive } from "../../src/flow/derivation/derive.ts";
import { createOcrSource } from "../../src/ocr/ocr-source.ts";
import { sha256Hex } from "../../src/sha256.ts";
import { bundleFilesOf, memoryReader } from "../../src/testing/bundles.ts";
import { programCommand, runnerUnderTest } from "../../src/testing/runner.ts";
import { readScan, SCAN, SCAN_SIZE, scanWords } from "./scan.ts";
import { buildScanPdf } from "./scan-pdf.ts";

const FOLDERS = ["/nonexistent/ocr-data"];
const ocr = createOcrSource({ languages: "eng", folders: FOLDERS });
const openOcr = () => ocr.open("eng");

/** The part of the words of the scan that a text has, each as often as the scan. */
function recallOf(text: string): number {
  const left = text.split(/\s+/);
  const words = scanWords();
  const found = words.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return found.length / words.length;
}

function textOfPage({ pages = [], text }: DocIR, n: number): string {
  return text.slice(...(pages[n - 1]?.textSpan ?? [0, 0]));
}

describe("OCR", () => {
  const source = buildScanPdf();

  test("reads scanned pages into blocks with their boxes and the confidence of the engine, and the bundle is reproduced where OCR is", async () => {
    const files = await bundleFilesOf({ source, filename: "scan.pdf", ocr });
    const { contents } = verifyBundle(memoryReader(files));
    assert.ok(contents);
    const docir = contents.artifact("docir") as unknown as DocIR;
    assert.ok(recallOf(textOfPage(docir, 1)) >= 0.95, textOfPage(docir, 1));
    assert.ok(recallOf(textOfPage(docir, 2)) >= 0.95, textOfPage(docir, 2));
    assert.equal(textOfPage(docir, 3), "A page that has text.");
    assert.deepEqual(docir.warnings, [{ code: "text_from_pictures" }]);
    assert.equal(docir.recipe.name, "jejakekal.pdf-ocr");
    assert.equal(docir.recipe.params.ocr, "eng");
    assert.match(String(docir.recipe.params.ocrData), /^[0-9a-f]{64}$/);
    const [first] = docir.blocks;
    assert.match(first?.type ?? "", /^(title|heading)$/);
    assert.equal(docir.text.slice(...(first?.span ?? [0, 0])), SCAN.heading);
    assert.deepEqual(first?.reasons, ["read_from_picture"]);
    assert.ok(first !== undefined && first.confidence >= 0.8 && first.confidence <= 0.95);
    // The title is 94 to 950 pixels from the left and its letters are 88 to 123 from the top.
    const anchor = first.src[0];
    assert.ok(anchor?.k === "pdf");
    const unit = 7200 / SCAN_SIZE.dpi;
    const pixels = anchor.bbox.map((units) => units / unit);
    [94, 85, 950, 133].forEach((expected, side) => {
      assert.ok(Math.abs((pixels[side] ?? 0) - expected) <= 12, pixels.join());
    });
    assert.deepEqual(
      docir.blocks.filter(({ type }) => type === "list_item").map(({ span }) => docir.text.slice(...span)),
      [...SCAN.listItems, ...SCAN.listItems],
    );
    assert.deepEqual(docir.blocks.at(-1)?.reasons, []);

    const asked = createOcrSource({ languages: null, folders: FOLDERS });
    const [same] = await reproduceBundle(contents, (given, inputs) => derive(given, inputs, { ocr: asked }));
    assert.equal(same?.result, "same");
    const [unknown] = await reproduceBundle(contents, derive);
    assert.equal(unknown?.result, "recipe_unknown");
    assert.ok(unknown.result === "recipe_unknown" && unknown.difference !== null);
  });

  test("changes nothing of a document that needs none, and of any document where it is off", async () => {
    const read = async (given: Parameters<typeof buildDocIR>[0]) =>
      sha256Hex(canonicalJsonBytes(await buildDocIR(given)));
    const mail = { bytes: Buffer.from("# A *title*\n"), mediaType: "text/markdown" };
    assert.equal(await read({ ...mail, openOcr }), await read(mail));
    const { blocks, recipe } = await buildDocIR({ bytes: source, mediaType: "application/pdf" });
    assert.deepEqual(
      blocks.map(({ type }) => type),
      ["image", "image", "paragraph"],
    );
    assert.equal(recipe.name, "jejakekal.pdf");
  });

  test("reads a picture as a page of its own size, and without OCR a picture is no document", async () => {
    const png = { bytes: readScan("png"), mediaType: "image/png" };
    assert.ok(isReadableDocument(png.bytes, png.mediaType, { hasOcr: true }));
    assert.ok(!isReadableDocument(png.bytes, png.mediaType));
    const { docir } = await assertInvariants(png.bytes, png.mediaType, { openOcr });
    assert.ok(recallOf(docir.text) >= 0.95, docir.text);
    assert.deepEqual(
      docir.pages?.map(({ w, h }) => [w, h]),
      [[SCAN_SIZE.width * 100, SCAN_SIZE.height * 100]],
    );
    await assert.rejects(buildDocIR(png), { code: "unsupported_media_type" });
  });

  test("reads pictures in a child process whose environment says so", async (t) => {
    const bytes = readScan("jpg");
    const args = { source_sha256: sha256Hex(bytes), media_type: "image/jpeg" };
    const command = [...programCommand(runnerUnderTest()), DERIVE_SUBCOMMAND];
    const child = await startDerivingProcess(command, { ...process.env, JEJAKEKAL_OCR: "eng" });
    t.after(child.kill);
    const derivation = { artifact: "docir", from: [args.source_sha256], args } as const;
    const { derived } = await child.derive(derivation, [bytes], { timeoutMs: 120_000, maxBytes: 2 ** 30 })
      .first;
    assert.equal(derived.facts.title, SCAN.heading);
    assert.equal(derived.facts.recipe.name, "jejakekal.image-ocr");
  });

  test("refuses a picture that is cut off or has more pixels than are read, with a code", async () => {
    const png = readScan("png");
    const large = Buffer.from(png);
    large.writeUInt32BE(60_000, 16);
    large.writeUInt32BE(60_000, 20);
    for (const [bytes, code] of [
      [png.subarray(0, 20), "FAILED_CORRUPT"],
      [png.subarray(0, 400), "FAILED_CORRUPT"],
      [large, "FAILED_TOO_LARGE"],
    ] as const) {
      await assert.rejects(
        buildDocIR({ bytes, mediaType: "image/png", openOcr }),
        (error) => error instanceof RunFailure && error.code === code,
        code,
      );
    }
  });
});
