import { closeSync, fstatSync, openSync } from "node:fs";
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
import { readAt } from "./read-at.ts";
import { findPathFault, MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES } from "./safe-path.ts";
import { UnreadableBundle } from "./unreadable-bundle.ts";

/** More than the directory of any bundle. */
const MAX_DIRECTORY_BYTES = 1024 * 1024;

/**
 * Reads a zip file that `src/bundle/zip.ts` could have written, and no other kind: so every byte of the file is either one of a
 * content or one that must be as it is. What differs is a fault.
 * @throws UnreadableBundle when the file is no zip file, or has an entry that is too large
 */
export function readZip(path: string): BundleReader & AsyncDisposable {
  const file = openSync(path, "r");
  try {
    return { ...readEntries(path, file), [Symbol.asyncDispose]: async () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function readEntries(path: string, file: number): BundleReader {
  const { size } = fstatSync(file);
  const end = parseEnd(readRange(path, file, Math.max(0, size - END_BYTES), size));
  if (end === null) throw new UnreadableBundle(`${path} is no zip file, or its end is missing.`);
  const isPlaced = end.offset + end.size + END_BYTES === size && end.size <= MAX_DIRECTORY_BYTES;
  const directory = isPlaced ? readRange(path, file, end.offset, size) : null;
  const records = directory === null ? null : parseDirectory(directory, end.count);
  if (directory === null || records === null || records.length > MAX_BUNDLE_FILES) {
    throw new UnreadableBundle(`The directory of ${path} cannot be read.`);
  }
  for (const record of records) {
    if (record.size > MAX_BUNDLE_FILE_BYTES)
      throw new UnreadableBundle(`${record.path} in ${path} is too large.`);
  }
  const byPath = new Map(records.map((record) => [record.path, record]));
  return {
    files: records.map(({ path: name, size: bytes, crc32 }) => ({ path: name, size: bytes, crc32 })),
    faults: findFaults(path, file, records, directory),
    read(name, buffer, at) {
      const record = byPath.get(name);
      if (record === undefined) throw new Error(`${name} is not in the zip file`);
      const start = record.offset + localHeaderOf(record).length;
      return readAt(path, file, buffer.subarray(0, Math.max(0, record.size - at)), start + at);
    },
  };
}

/** The headers are the bytes that the writer makes, and the entries stand one after the other. */
function findFaults(
  path: string,
  file: number,
  records: readonly ZipRecord[],
  directory: Buffer,
): readonly Finding[] {
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
    if (record.offset !== at || !readRange(path, file, at, contentStart).equals(header)) {
      faults.push({ file: record.path, field: "header", reason: "is not where and as bundles have it" });
    }
    at = contentStart + record.size;
  }
  return faults;
}

/** The bytes of a file from `start` to before `end`; fewer where the file ends. */
function readRange(path: string, file: number, start: number, end: number): Buffer {
  const buffer = Buffer.alloc(end - start);
  return buffer.subarray(0, readAt(path, file, buffer, start));
}
