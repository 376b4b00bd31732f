import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ASSET_URLS, showAsset } from "./assets.ts";

test("the library that draws PDFs is the one that reads them", async () => {
  const { pdfLibrary } = ASSET_URLS;
  const request = new Request(`http://127.0.0.1${pdfLibrary}`, {
    headers: { "accept-encoding": "identity" },
  });
  const served = await showAsset(request, pdfLibrary.slice("/ui/assets/".length)).text();
  const installed = fileURLToPath(import.meta.resolve("unpdf/pdfjs"));
  assert.ok(served === readFileSync(installed, "utf8"), "run scripts/build/pack-pdf-library.ts");
});
