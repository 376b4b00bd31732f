import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { canonicalJsonBytes } from "../../canonical-json.ts";
import { bundleFilesOf, memoryReader } from "../../testing/bundles.ts";
import { checkProperty } from "../../testing/property.ts";
import { readFiles } from "./contents.ts";
import { createTextReader } from "./text-reader.ts";
import { verifyBundle } from "./verify.ts";

const PARTS = ["plain text ", "\n", "\u0001", "é", "漢", "\u{1f600}"];
const SECTION_BYTES = 256 * 1024;

describe("the reader of a text that is longer than a section", () => {
  const text = Array.from(
    { length: 300_000 },
    (_, index) => PARTS[(index * 7 + (index >> 3)) % PARTS.length],
  ).join("");
  const bytes = canonicalJsonBytes({ other: 1, text });
  const file = readFiles(memoryReader([{ path: "file.json", bytes }]), () => new Set()).get("file.json");
  assert.ok(file);
  const reader = createTextReader(file, "text");

  test("finds a part at its place, whichever sections have it, and at no other", async () => {
    assert.ok(bytes.length > 2 * SECTION_BYTES);
    const spans = fc.tuple(fc.nat(text.length), fc.oneof(fc.nat(50), fc.nat(text.length)));
    await checkProperty(spans, { runs: 60, seed: 13 }, ([start, length]) => {
      const part = text.slice(start, start + length);
      const end = start + part.length;
      assert.equal(reader?.hasAt([start, end], part), true);
      if (part === "") return;
      assert.equal(reader?.hasAt([start, end], `${part.slice(0, -1)}?`), false);
      assert.equal(reader?.hasAt([start, end + 1], part), false);
    });
    assert.equal(reader?.hasAt([text.length, text.length + 1], "x"), false);
  });

  test("is none for a member that is no text, or is not there", () => {
    assert.equal(createTextReader(file, "other"), null);
    assert.equal(createTextReader(file, "more"), null);
  });
});

test("the bundle of a document that is larger than what is read at a time is sound", async () => {
  const page = (number: number) => `# Café ${number}\n\nThe 漢 of ${number} May 2024 took $${number}.\n\n`;
  const source = Array.from({ length: 800 }, (_, index) => page(index)).join("");
  const files = await bundleFilesOf({ source });
  const docir = files.find(({ path }) => path === "data/artifacts/docir.json");
  assert.ok((docir?.bytes.length ?? 0) > 2 * SECTION_BYTES);
  const { verification } = verifyBundle(memoryReader(files));
  assert.deepEqual(
    verification.checks.flatMap(({ findings }) => findings),
    [],
  );
  assert.equal(verification.outcome, "sound");
});
