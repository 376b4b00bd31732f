import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { verifyBundle } from "../bundle/verify/verify.ts";
import { bundleOf } from "../testing/bundles.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { checkProperty } from "../testing/property.ts";
import { writeBundleFolder } from "./bundle-folder.ts";
import { withBundle } from "./bundle-reader.ts";
import { UnreadableBundle } from "./unreadable-bundle.ts";
import { writeBundleZip } from "./zip-writer.ts";

const { entries } = await bundleOf();

async function outcomeOf(path: string): Promise<string> {
  return withBundle(path, async (reader) => verifyBundle(reader).verification.outcome).catch(
    (error: unknown) => {
      assert.ok(error instanceof UnreadableBundle, String(error));
      return "unreadable";
    },
  );
}

describe("a bundle in a zip file", { timeout: 120_000 }, () => {
  test("is sound, and the same bytes each time", async () => {
    using folder = temporaryFolder();
    const [one, two] = [join(folder.path, "one.zip"), join(folder.path, "two.zip")];
    await writeBundleZip(one, entries);
    await writeBundleZip(two, entries);
    assert.equal(await outcomeOf(one), "sound");
    assert.deepEqual(readFileSync(one), readFileSync(two));
  });

  test("is not sound after any change of a byte, nor cut off, nor with bytes before or behind it", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "bundle.zip");
    await writeBundleZip(path, entries);
    const bytes = readFileSync(path);
    const changes = fc.record({ at: fc.nat(bytes.length - 1), mask: fc.integer({ min: 1, max: 255 }) });
    await checkProperty(changes, { runs: 60, seed: 13 }, async ({ at, mask }) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ mask;
      writeFileSync(path, changed);
      assert.notEqual(await outcomeOf(path), "sound", `byte ${at}`);
    });
    // Every byte that is not content: the directory.
    for (let at = bytes.length - 22 - 200; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      assert.notEqual(await outcomeOf(path), "sound", `byte ${at}`);
    }
    for (const changed of [
      bytes.subarray(0, -1),
      bytes.subarray(1),
      Buffer.concat([bytes, Buffer.from("x")]),
      Buffer.concat([Buffer.from("x"), bytes]),
      Buffer.concat([bytes, bytes]),
      Buffer.alloc(0),
    ]) {
      writeFileSync(path, changed);
      assert.notEqual(await outcomeOf(path), "sound", `${changed.length} bytes`);
    }
  });

  test("is not sound with a file twice, with names that lead elsewhere, or packed by another program", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "bundle.zip");
    const [first] = entries;
    assert.ok(first);
    for (const changed of [
      [first, ...entries],
      [...entries, { ...first, path: "../outside" }],
      [...entries, { ...first, path: "/etc/passwd" }],
      [...entries, { ...first, path: "z\\..\\outside" }],
      [...entries].reverse(),
    ]) {
      await writeBundleZip(path, changed);
      assert.equal(await outcomeOf(path), "altered");
    }
  });
});

describe("a bundle in a folder", { timeout: 120_000 }, () => {
  test("is sound as it was written, and not with anything that is no plain file of it", async () => {
    const obstacles: Readonly<Record<string, (place: string) => void>> = {
      "a link": (place) => symlinkSync("/etc/passwd", join(place, "link")),
      "a FIFO": (place) => void execFileSync("mkfifo", [join(place, "fifo")]),
      "an empty folder": (place) => void mkdirSync(join(place, "empty")),
      "a hidden file": (place) => writeFileSync(join(place, ".hidden"), ""),
      "a file cut off": (place) => truncateSync(join(place, "report.html"), 10),
      "a file exchanged for a link to it": (place) => {
        renameSync(join(place, "report.html"), join(place, "..", "report.html"));
        symlinkSync("../report.html", join(place, "report.html"));
      },
      "a FIFO in the place of a file": (place) => {
        renameSync(join(place, "timeline.json"), join(place, "..", "timeline.json"));
        execFileSync("mkfifo", [join(place, "timeline.json")]);
      },
    };
    for (const [what, put] of Object.entries(obstacles)) {
      using folder = temporaryFolder();
      const place = await writeBundleFolder(folder.path, "run", entries);
      assert.equal(await outcomeOf(place), "sound");
      put(place);
      assert.equal(await outcomeOf(place), "altered", what);
    }
  });

  test("that is not there, or is neither a folder nor a zip file, is unreadable", async () => {
    using folder = temporaryFolder();
    const text = join(folder.path, "text");
    writeFileSync(text, "no zip file, but long enough for one");
    for (const path of [join(folder.path, "nothing"), text])
      assert.equal(await outcomeOf(path), "unreadable");
  });
});
