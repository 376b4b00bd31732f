import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalJson, canonicalJsonBytes } from "../../canonical-json.ts";
import { derive } from "../../document/test-kit.ts";
import { bundleFilesOf, memoryReader } from "../../testing/bundles.ts";
import { artifactPathOf } from "../layout.ts";
import { checkMarks } from "./marks.ts";
import { verifyBundle } from "./verify.ts";

const DOCIR = artifactPathOf("docir");
const SOURCE = `# A\n\nThe **barge** left[^n].\n\n${"A *long* text. ".repeat(20_000)}\n\n[^n]: At *nine*.\n`;

const { docir } = await derive(SOURCE);
const [, first] = docir.blocks;
const [strong, reference] = first?.marks ?? [];
assert.ok(strong?.kind === "strong" && reference?.kind === "footnote_reference");

function findingsIn(json: string): readonly string[] {
  const bytes = Buffer.from(json);
  const readRange = (start: number, end: number) => bytes.subarray(start, end);
  const contents = { artifactFile: () => ({ size: bytes.length, readRange }) };
  return checkMarks(contents).map(({ file, reason }) => `${file} ${reason}`);
}

describe("the check of marks", () => {
  test("accepts the marks that the reader made, and a document without any", async () => {
    assert.ok(canonicalJson(docir).length > 1024 * 1024);
    assert.deepEqual(findingsIn(canonicalJson(docir)), []);
    const plain = await derive('The text says ,"marks":[ and no more.', "text/plain");
    assert.deepEqual(findingsIn(canonicalJson(plain.docir)), []);
  });

  test("finds a mark outside its block, one without words, a wrong order, another shape and a footnote that is not there", () => {
    const json = canonicalJson(docir);
    const words = `"kind":"strong","span":[${strong.span.join()}]`;
    const cases: [from: string, to: string, reason: RegExp][] = [
      [words, '"kind":"strong","span":[0,9]', /a mark from 0 to 9, outside its block/],
      [words, `"kind":"strong","span":[${strong.span[0]},9999999]`, /outside its block/],
      [words, `"kind":"strong","span":[${strong.span[0]},${strong.span[0]}]`, /outside its block/],
      [words, `"kind":"strong","span":[${reference.span.join()}]`, /^$/],
      [words, `"kind":"strong","span":[${reference.span[1]},${reference.span[1] + 1}]`, /not in order/],
      [words, words.replace("strong", "blink"), /another shape/],
      [String(reference.blockId), "b_0000000000000000", /reference to b_0000000000000000, which is no block/],
    ];
    for (const [from, to, reason] of cases) {
      const findings = findingsIn(json.replace(from, to));
      assert.match(findings.join(), reason, to);
      assert.equal(findings.length, reason.source === "^$" ? 0 : 1);
    }
    assert.deepEqual(findingsIn('{"blocks":[{,"marks":['), [
      `${DOCIR} is followed by marks of another shape`,
    ]);
  });

  test("is a part of the verification of a bundle", async () => {
    const files = await bundleFilesOf({ runId: "r-1", source: SOURCE, filename: "a.md" });
    const findingsOf = (bundle: typeof files) =>
      verifyBundle(memoryReader(bundle)).verification.checks.flatMap(({ findings }) => findings);
    assert.deepEqual(findingsOf(files), []);
    const changed = files.map((file) => {
      if (file.path !== DOCIR) return file;
      const blocks = docir.blocks.map((block) =>
        block === first ? { ...block, marks: [{ ...strong, span: [0, 1] }] } : block,
      );
      return { ...file, bytes: canonicalJsonBytes({ ...docir, blocks }) };
    });
    assert.ok(findingsOf(changed).some(({ reason }) => reason.includes("outside its block")));
  });
});
