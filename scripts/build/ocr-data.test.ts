import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import { readOcrFiles } from "../../src/ocr/ocr-files.ts";
import { temporaryFolder } from "../../src/testing/paths.ts";
import { packOcrData } from "./ocr-data.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the download of OCR is a folder in which the program finds its engine and data, the same bytes each time", async () => {
  const archive = await packOcrData(root);
  assert.deepEqual(await packOcrData(root), archive);
  using folder = temporaryFolder();
  for (const { header, data } of await unpackTar(gunzipSync(archive))) {
    const path = join(folder.path, header.name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data ?? new Uint8Array());
  }
  const unpacked = await readOcrFiles("eng", [join(folder.path, "ocr-data")]);
  assert.deepEqual(unpacked, await readOcrFiles("eng", []));
});
