import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { packTar, type TarEntry, unpackTar } from "modern-tar";
import type { PostgresBinaries } from "./binaries.ts";
import { listNativeFiles, type NativeFile, placeNativeFiles } from "./native-files.ts";

type Zstd = (data: Uint8Array, options: zlib.ZstdOptions) => Promise<Uint8Array>;

// By the module's name, and looked for when needed: a runtime without them gets to hear which one it should be.
const compress: Zstd = (data, options) => promisify(zlib.zstdCompress)(data, options);
const decompress: Zstd = (data, options) => promisify(zlib.zstdDecompress)(data, options);

/** Postgres out of an archive made by `packArchive`; `read` is called only when there is something to unpack. */
export function fromArchive(version: string, read: () => Promise<Uint8Array>): PostgresBinaries {
  return { version, unpackInto: async (dir) => unpackArchive(await read(), dir) };
}

/** A 60 MB output in the default 64 KB pieces takes twice as long. */
const OUTPUT_CHUNK_BYTES = 8 * 1024 * 1024;

async function unpackArchive(archive: Uint8Array, dir: string): Promise<void> {
  const entries = await unpackTar(await decompress(archive, { chunkSize: OUTPUT_CHUNK_BYTES }));
  const contents = new Map(entries.map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
  const files = entries.map(
    ({ header }): NativeFile =>
      header.type === "symlink"
        ? { kind: "link", path: header.name, target: header.linkname ?? "" }
        : { kind: "file", path: header.name, mode: header.mode ?? 0o644 },
  );
  placeNativeFiles(dir, files, (path, to) => writeFileSync(to, contents.get(path) ?? new Uint8Array()));
}

const ZSTD_FOR_BUILD = {
  params: {
    [zlib.constants.ZSTD_c_compressionLevel]: 19,
    [zlib.constants.ZSTD_c_enableLongDistanceMatching]: 1,
  },
};

/** The runtime part of a `native` folder as a zstd-compressed tar; the same folder gives the same bytes. */
export async function packArchive(nativeDir: string): Promise<Uint8Array> {
  const entries = await Promise.all(listNativeFiles(nativeDir).map((file) => toTarEntry(nativeDir, file)));
  return compress(await packTar(entries), ZSTD_FOR_BUILD);
}

async function toTarEntry(nativeDir: string, file: NativeFile): Promise<TarEntry> {
  const same = { name: file.path, uid: 0, gid: 0, mtime: new Date(0) };
  if (file.kind === "link") {
    return { header: { ...same, type: "symlink", linkname: file.target, size: 0, mode: 0o777 } };
  }
  const body = await readFile(join(nativeDir, file.path));
  return { header: { ...same, type: "file", size: body.length, mode: file.mode }, body };
}
