import assert from "node:assert/strict";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { verifyBundle } from "../bundle/verify/verify.ts";
import { CENTRAL_HEADER_BYTES, END_BYTES, parseDirectory, parseEnd } from "../bundle/zip.ts";
import { bundleOf } from "../testing/bundles.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { writeBundleFolder } from "./bundle-folder.ts";
import { withBundle } from "./bundle-reader.ts";
import { UnreadableBundle } from "./unreadable-bundle.ts";
import { writeBundleZip } from "./zip-writer.ts";

const { entries } = await bundleOf();

/** The files that a verification names, or the message that the bundle is unreadable. */
async function findNamed(path: string): Promise<string> {
  try {
    const { outcome, checks } = await withBundle(path, (reader) => verifyBundle(reader).verification);
    if (outcome === "sound") return "sound";
    return checks
      .flatMap(({ findings }) => findings.map(({ file, field }) => `${file} ${field ?? ""}`))
      .join("\n");
  } catch (error) {
    assert.ok(error instanceof UnreadableBundle, String(error));
    return error.message;
  }
}

/** A zip file in parts that can be changed: the offsets of the headers of each entry, and of the directory. */
function layoutOf(bytes: Buffer) {
  const end = parseEnd(bytes.subarray(-END_BYTES));
  assert.ok(end);
  let central = end.offset;
  const records = parseDirectory(bytes.subarray(end.offset), end.count) ?? [];
  return {
    directory: end.offset,
    records: records.map((record) => {
      const at = central;
      central += CENTRAL_HEADER_BYTES + Buffer.byteLength(record.path);
      return { ...record, central: at };
    }),
  };
}

/** Puts bytes into a zip file, and moves the offsets that its directory and its end name. */
function insert(bytes: Buffer, at: number, added: Buffer): Buffer {
  const { directory, records } = layoutOf(bytes);
  const changed = Buffer.from(bytes);
  for (const { central, offset } of records) {
    if (offset >= at) changed.writeUInt32LE(offset + added.length, central + 42);
  }
  if (directory >= at) changed.writeUInt32LE(directory + added.length, bytes.length - END_BYTES + 16);
  return Buffer.concat([changed.subarray(0, at), added, changed.subarray(at)]);
}

type Change = (bytes: Buffer, layout: ReturnType<typeof layoutOf>) => Buffer;

/** Changes the numbers of an entry: `local` and `central` are offsets within its two headers. */
const edit =
  (write: (bytes: Buffer, places: Readonly<{ local: number; central: number }>) => void): Change =>
  (bytes, { records }) => {
    const { offset = 0, central = 0 } = records[1] ?? {};
    write(bytes, { local: offset, central });
    return bytes;
  };

const bothFlags = (flag: number) =>
  edit((bytes, { local, central }) => {
    bytes.writeUInt16LE(flag, local + 6);
    bytes.writeUInt16LE(flag, central + 8);
  });

const LAST_UINT32 = 0xffffffff;

/** The end records of zip64 for a file whose directory is at `offset`. */
function zip64End(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(offset + size), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

const CHANGES: Readonly<Record<string, Change>> = {
  "bytes before the first entry": (bytes) => insert(bytes, 0, Buffer.from("#!/bin/sh\n")),
  "bytes between two entries": (bytes, { records }) =>
    insert(bytes, records[1]?.offset ?? 0, Buffer.from("gap")),
  "bytes between the entries and the directory": (bytes, { directory }) =>
    insert(bytes, directory, Buffer.from("gap")),
  "bytes at the end": (bytes) => Buffer.concat([bytes, Buffer.from("\n")]),
  "a comment": (bytes) => {
    bytes.writeUInt16LE(5, bytes.length - 2);
    return Buffer.concat([bytes, Buffer.from("hello")]);
  },
  "the comment of an entry": edit((bytes, { central }) => bytes.writeUInt16LE(1, central + 32)),
  "an extra field": edit((bytes, { local }) => bytes.writeUInt16LE(4, local + 28)),
  "a flag for a data descriptor": bothFlags(1 << 3),
  "a flag for encryption": bothFlags(1),
  "a flag for names in UTF-8": bothFlags(1 << 11),
  "a data descriptor behind an entry": (bytes, { records }) => {
    const { offset = 0, central = 0 } = records[1] ?? {};
    bytes.writeUInt16LE(1 << 3, offset + 6);
    bytes.writeUInt16LE(1 << 3, central + 8);
    return insert(bytes, records[2]?.offset ?? 0, Buffer.alloc(16, 1));
  },
  "a method of compression": edit((bytes, { local, central }) => {
    bytes.writeUInt16LE(8, local + 8);
    bytes.writeUInt16LE(8, central + 10);
  }),
  "another size in the header of an entry": edit((bytes, { local }) => bytes.writeUInt32LE(3, local + 18)),
  "another checksum in the header of an entry": edit((bytes, { local }) =>
    bytes.writeUInt32LE(3, local + 14),
  ),
  "another name in the header of an entry": edit((bytes, { local }) => bytes.write("X", local + 30)),
  "another name in the directory": edit((bytes, { central }) => bytes.write("X", central + 46)),
  "a checksum that is wrong in both places": edit((bytes, { local, central }) => {
    bytes.writeUInt32LE(3, local + 14);
    bytes.writeUInt32LE(3, central + 16);
  }),
  "another time": edit((bytes, { central }) => bytes.writeUInt16LE(1, central + 12)),
  "a link by its file mode": edit((bytes, { central }) =>
    bytes.writeUInt32LE(0o120777 * 0x10000, central + 38),
  ),
  "a size of 4 GB": edit((bytes, { central }) => bytes.writeUInt32LE(LAST_UINT32 - 1, central + 24)),
  "a size of 4 GB in both places": edit((bytes, { local, central }) => {
    for (const at of [local + 18, local + 22, central + 20, central + 24])
      bytes.writeUInt32LE(LAST_UINT32, at);
  }),
  "two entries at one place": (bytes, { records }) => {
    bytes.writeUInt32LE(records[0]?.offset ?? 0, (records[1]?.central ?? 0) + 42);
    return bytes;
  },
  "an entry far behind the end": edit((bytes, { central }) =>
    bytes.writeUInt32LE(LAST_UINT32 - 1, central + 42),
  ),
  "fewer entries than it has": (bytes, { records }) => {
    bytes.writeUInt16LE(records.length - 1, bytes.length - END_BYTES + 8);
    bytes.writeUInt16LE(records.length - 1, bytes.length - END_BYTES + 10);
    return bytes;
  },
  "more entries than it has": (bytes) => {
    bytes.writeUInt16LE(0xffff, bytes.length - END_BYTES + 10);
    return bytes;
  },
  "a second disk": (bytes) => {
    bytes.writeUInt16LE(1, bytes.length - END_BYTES + 4);
    return bytes;
  },
  "the end of zip64": (bytes, { directory, records }) => {
    const end = bytes.length - END_BYTES;
    const changed = Buffer.concat([
      bytes.subarray(0, end),
      zip64End(records.length, end - directory, directory),
      bytes.subarray(end),
    ]);
    changed.fill(0xff, changed.length - END_BYTES + 8, changed.length - 2);
    return changed;
  },
};

describe("a zip file of a bundle is not sound with", { timeout: 120_000 }, () => {
  for (const [what, change] of Object.entries(CHANGES)) {
    test(what, async () => {
      using folder = temporaryFolder();
      const path = join(folder.path, "bundle.zip");
      await writeBundleZip(path, entries);
      const bytes = readFileSync(path);
      writeFileSync(path, change(Buffer.from(bytes), layoutOf(bytes)));
      const named = await findNamed(path);
      assert.match(named, /directory|header|crc32|bundle\.zip|artifacts\.json|too large/);
    });
  }
});

const [first] = entries;
assert.ok(first);

describe("a bundle, zipped or not, is not sound with", { timeout: 120_000 }, () => {
  const names: Readonly<Record<string, string>> = {
    "a name in other case": "Manifest.json",
    "a name with a composed letter": "caf\u00e9.json",
    "a name with a decomposed letter": "cafe\u0301.json",
    "a name with a zero-width character": "manifest\u200b.json",
    "a name that ends with a dot": "manifest.json.",
    "a name that ends with a space": "manifest.json ",
    "a name of Windows": "CON",
    "a name with a stream": "manifest.json:x",
    "a hidden name": "data/.raw",
    "a deep name": "data/artifacts/a/b.json",
    "a long name": `${"a".repeat(220)}.json`,
  };
  for (const [what, path] of Object.entries(names)) {
    test(what, async () => {
      using folder = temporaryFolder();
      const more = [...entries, { ...first, path }].sort((a, b) => (a.path < b.path ? -1 : 1));
      const zip = join(folder.path, "bundle.zip");
      await writeBundleZip(zip, more);
      assert.notEqual(await findNamed(zip), "sound");
      const place = await writeBundleFolder(folder.path, "run", more);
      assert.ok((await findNamed(place)).includes(path), await findNamed(place));
    });
  }
});

describe("a folder of a bundle is not sound with", { timeout: 120_000 }, () => {
  const obstacles: Readonly<Record<string, (place: string) => string>> = {
    "a folder that is a link to the same files": (place) => {
      renameSync(join(place, "data"), join(place, "..", "data"));
      symlinkSync("../data", join(place, "data"));
      return "data";
    },
    "a link to a folder around it": (place) => {
      symlinkSync("..", join(place, "data", "loop"));
      return "data/loop";
    },
    "a link to nothing": (place) => {
      symlinkSync("nowhere", join(place, "nothing"));
      return "nothing";
    },
    "a hard link of another file of it": (place) => {
      unlinkSync(join(place, "timeline.json"));
      linkSync(join(place, "tool-io.json"), join(place, "timeline.json"));
      return "timeline.json";
    },
    "a file of ten gigabytes": (place) => {
      truncateSync(join(place, "data", "artifacts", "raw"), 10 * 1024 ** 3);
      return "raw is too large";
    },
    "folders within folders": (place) => {
      mkdirSync(join(place, ...Array.from({ length: 200 }, () => "d")), { recursive: true });
      return "d/d/d/d";
    },
    "more files than bundles have": (place) => {
      for (let index = 0; index < 200; index += 1) writeFileSync(join(place, `file-${index}`), "");
      return "too many files";
    },
  };
  for (const [what, put] of Object.entries(obstacles)) {
    test(what, async () => {
      using folder = temporaryFolder();
      const place = await writeBundleFolder(folder.path, "run", entries);
      const expected = put(place);
      const named = await findNamed(place);
      assert.ok(named.includes(expected), named);
    });
  }
});
