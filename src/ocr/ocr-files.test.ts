import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { StartFailure } from "../failure.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { readOcrFiles } from "./ocr-files.ts";

describe("the files of OCR", () => {
  test("that are missing stop the start with their names, and with what to do", async () => {
    await assert.rejects(readOcrFiles("eng+xyz", ["/nowhere/a", "/nowhere/b"]), (error) => {
      assert.ok(error instanceof StartFailure);
      assert.equal(
        error.message,
        "JEJAKEKAL_OCR needs xyz.traineddata.gz, and it is not in /nowhere/a or /nowhere/b: unpack the ocr-data of the release there, or set JEJAKEKAL_OCR_DATA to its folder.",
      );
      return true;
    });
  });

  test("of another version of the engine, or with damaged data, stop the start too", async () => {
    using folder = temporaryFolder();
    await writeFile(join(folder.path, "xyz.traineddata.gz"), "not packed");
    await assert.rejects(readOcrFiles("xyz", [folder.path]), /xyz\.traineddata\.gz is damaged/);
    await writeFile(join(folder.path, "tesseract-core-simd-lstm.js"), "module.exports = 1");
    await assert.rejects(readOcrFiles("eng", [folder.path]), /is not the one of tesseract\.js-core 7\.0\.0/);
  });

  test("are read from their folder alone, whatever the recipe of a bundle names", async () => {
    using folder = temporaryFolder();
    await writeFile(join(folder.path, "xyz.traineddata.gz"), gzipSync("data"));
    for (const languages of ["../xyz", "eng+/etc/xyz", "", `${"eng+".repeat(8)}eng`])
      await assert.rejects(
        readOcrFiles(languages, [join(folder.path, "inner")]),
        /no languages of these names/,
      );
  });

  test("of an installed package are found where no folder has them", async () => {
    const { models, engineWasm } = await readOcrFiles("eng", []);
    assert.deepEqual(
      models.map(({ language }) => language),
      ["eng"],
    );
    assert.ok(engineWasm.length > 1_000_000);
  });
});
