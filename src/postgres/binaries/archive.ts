import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { packTar, type TarEntry, unpackTar } from "modern-tar";
import type { PostgresBinaries } from "./binaries.ts";
import { createNativeFiles, listNativeFiles, type NativeFile } from "./native-files.ts";

type Zstd = (data: Uint8Array, options: zlib.ZstdOptions) => Promise<Uint8Array>;

// Looked up in the module only when needed, so that an older runtime can load this file and say which version it needs.
const compress: Zstd = (data, options) => promisify(zlib.zstdCompress)(data, options);
const decompress: Zstd = (data, options) => promisify(zlib.zstdDecompress)(data, options);

/** Postgres from an archive made by `packArchive`; `read` is called only when it must be unpacked. */
export function fromArchive(version: string, read: () => Promise<Uint8Array>): PostgresBinaries {
  return { version, unpackInto: async (dir) => unpackArchive(await read(), dir) };
}

/** With the default of 64 KB a 60 MB output takes twice as long. */
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
  createNativeFiles(dir, files, (path, to) => writeFileSync(to, contents.get(path) ?? new Uint8Array()));
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
  const common = { name: file.path, uid: 0, gid: 0, mtime: new Date(0) };
  if (file.kind === "link") {
    return { header: { ...common, type: "symlink", linkname: file.target, size: 0, mode: 0o777 } };
  }
  const body = await readFile(join(nativeDir, file.path));
  return { header: { ...common, type: "file", size: body.length, mode: file.mode }, body };
}
