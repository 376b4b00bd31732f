import { type FileHandle, open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Finding } from "../bundle/verify/check.ts";
import type { BundleReader } from "../bundle/verify/contents.ts";
import {
  directoryOf,
  END_BYTES,
  localHeaderOf,
  parseDirectory,
  parseEnd,
  type ZipRecord,
} from "../bundle/zip.ts";
import { readRange } from "./read-range.ts";
import { findPathFault, MAX_BUNDLE_FILES } from "./safe-path.ts";
import { UnreadableBundle } from "./unreadable-bundle.ts";

/** More than the directory of any bundle. */
const MAX_DIRECTORY_BYTES = 1024 * 1024;

/**
 * Reads a zip file that `src/bundle/zip.ts` could have written, and no other kind: so every byte of the file is either one of a
 * content or one that must be as it is. What differs is a fault.
 * @throws UnreadableBundle when the file is no zip file
 */
export async function readZip(path: string): Promise<BundleReader & AsyncDisposable> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const end = parseEnd(await readRange(file, Math.max(0, size - END_BYTES), size));
    if (end === null) throw new UnreadableBundle(`${path} is no zip file, or its end is missing.`);
    const isPlaced = end.offset + end.size + END_BYTES === size && end.size <= MAX_DIRECTORY_BYTES;
    const directory = isPlaced ? await readRange(file, end.offset, size) : null;
    const records = directory === null ? null : parseDirectory(directory, end.count);
    if (directory === null || records === null || records.length > MAX_BUNDLE_FILES) {
      throw new UnreadableBundle(`The directory of ${path} cannot be read.`);
    }
    const faults = await findFaults(file, records, directory);
    return {
      files: records.map(({ path: name, size: bytes }) => ({ path: name, size: bytes })),
      faults,
      async read(name) {
        const record = records.find((candidate) => candidate.path === name);
        if (record === undefined) throw new Error(`${name} is not in the zip file`);
        const bytes = await readEntry(file, record, size);
        if (crc32(bytes) !== record.crc32) {
          faults.push({ file: name, field: "crc32", reason: "is not that of the bytes" });
        }
        return bytes;
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The headers are the bytes that the writer makes, and the entries stand one after the other. */
async function findFaults(
  file: FileHandle,
  records: readonly ZipRecord[],
  directory: Buffer,
): Promise<Finding[]> {
  const faults: Finding[] = [];
  if (!directory.equals(directoryOf(records))) {
    faults.push({ file: "", field: "directory", reason: "of the zip file is not as bundles have it" });
  }
  let at = 0;
  for (const [index, record] of records.entries()) {
    const fault = findPathFault(record.path, records[index - 1]?.path);
    if (fault !== null) faults.push({ file: record.path, reason: fault });
    const header = localHeaderOf(record);
    const contentStart = at + header.length;
    const found = record.offset === at ? await readRange(file, at, contentStart) : null;
    if (found === null || !found.equals(header)) {
      faults.push({ file: record.path, field: "header", reason: "is not where and as bundles have it" });
    }
    at = contentStart + record.size;
  }
  return faults;
}

async function readEntry(file: FileHandle, record: ZipRecord, fileSize: number): Promise<Uint8Array> {
  const start = record.offset + localHeaderOf(record).length;
  // A record can claim more bytes than there are.
  return readRange(file, start, Math.max(start, Math.min(start + record.size, fileSize)));
}
