import type { BundleEntry } from "./layout.ts";

/**
 * A zip file as bundles have it: stored without compression, one time for all files, no directories, extra fields, comments or
 * descriptors. So it is a function of its contents; compression differs between runtimes, and times between zones. Format:
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export type ZipEntry = Readonly<{ path: string; size: number; crc32: number }>;

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;

export const LOCAL_HEADER_BYTES = 30;
export const CENTRAL_HEADER_BYTES = 46;
export const END_BYTES = 22;

/** The version of the format that a file without compression needs. */
const VERSION_NEEDED = 10;
/** The host system whose file modes the entries have: Unix. */
const MADE_BY = (3 << 8) | 20;
/** 1980-01-01, the first day that the format knows, at midnight. */
const DOS_DATE = 0x0021;
const DOS_TIME = 0;
/** A plain file that its owner may write and everybody may read. */
const FILE_MODE = 0o100644;

const MAX_UINT32 = 0xffffffff;
const MAX_UINT16 = 0xffff;

export function localHeaderOf({ path, size, crc32 }: ZipEntry): Uint8Array {
  const name = Buffer.from(path);
  const header = Buffer.alloc(LOCAL_HEADER_BYTES);
  header.writeUInt32LE(LOCAL_SIGNATURE, 0);
  header.writeUInt16LE(VERSION_NEEDED, 4);
  header.writeUInt16LE(DOS_TIME, 10);
  header.writeUInt16LE(DOS_DATE, 12);
  header.writeUInt32LE(crc32, 14);
  header.writeUInt32LE(size, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

/** The directory at the end of the file: a record for each entry in the order in which they stand, and the end record. */
export function directoryOf(entries: readonly ZipEntry[]): Uint8Array {
  let offset = 0;
  const records = entries.map((entry) => {
    const record = centralHeaderOf(entry, offset);
    offset += localSizeOf(entry);
    return record;
  });
  const size = records.reduce((sum, record) => sum + record.length, 0);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END_SIGNATURE, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...records, end]);
}

function centralHeaderOf({ path, size, crc32 }: ZipEntry, offset: number): Buffer {
  const name = Buffer.from(path);
  const record = Buffer.alloc(CENTRAL_HEADER_BYTES);
  record.writeUInt32LE(CENTRAL_SIGNATURE, 0);
  record.writeUInt16LE(MADE_BY, 4);
  record.writeUInt16LE(VERSION_NEEDED, 6);
  record.writeUInt16LE(DOS_TIME, 12);
  record.writeUInt16LE(DOS_DATE, 14);
  record.writeUInt32LE(crc32, 16);
  record.writeUInt32LE(size, 20);
  record.writeUInt32LE(size, 24);
  record.writeUInt16LE(name.length, 28);
  record.writeUInt32LE(FILE_MODE * 0x10000, 38);
  record.writeUInt32LE(offset, 42);
  return Buffer.concat([record, name]);
}

function localSizeOf({ path, size }: Pick<ZipEntry, "path" | "size">): number {
  return LOCAL_HEADER_BYTES + Buffer.byteLength(path) + size;
}

/** How many bytes the zip file of these entries has. */
export function zipSizeOf(entries: readonly Pick<ZipEntry, "path" | "size">[]): number {
  return entries.reduce(
    (sum, entry) => sum + localSizeOf(entry) + CENTRAL_HEADER_BYTES + Buffer.byteLength(entry.path),
    END_BYTES,
  );
}

/** A bundle is refused when the format without its 64-bit extension cannot hold it. */
export function fitsInZip(entries: readonly Pick<ZipEntry, "path" | "size">[]): boolean {
  return zipSizeOf(entries) <= MAX_UINT32 && entries.length <= MAX_UINT16;
}

/** The bytes of the zip file in parts. `crc32Of` has the checksum of each entry, which stands before its bytes. */
export async function* zipOf(
  entries: readonly BundleEntry[],
  crc32Of: (path: string) => number,
): AsyncGenerator<Uint8Array> {
  const records = entries.map(({ path, size }) => ({ path, size, crc32: crc32Of(path) }));
  for (const [index, record] of records.entries()) {
    yield localHeaderOf(record);
    yield* entries[index]?.read() ?? [];
  }
  yield directoryOf(records);
}

/** What the record of an entry says, and where it says that the entry begins. */
export type ZipRecord = ZipEntry & Readonly<{ offset: number }>;

/** Where the directory begins and how many records it has, by the last 22 bytes of a zip file; null when they are no end record. */
export function parseEnd(end: Buffer): Readonly<{ count: number; offset: number; size: number }> | null {
  if (end.length !== END_BYTES || end.readUInt32LE(0) !== END_SIGNATURE) return null;
  return { count: end.readUInt16LE(10), size: end.readUInt32LE(12), offset: end.readUInt32LE(16) };
}

/**
 * Reads path, size and checksum from the records of a directory; null where they do not hold together. What else the records say is
 * not read: compare the bytes with those that `directoryOf` makes of the result.
 */
export function parseDirectory(directory: Buffer, count: number): readonly ZipRecord[] | null {
  const records: ZipRecord[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_HEADER_BYTES > directory.length) return null;
    const nameEnd = at + CENTRAL_HEADER_BYTES + directory.readUInt16LE(at + 28);
    if (directory.readUInt32LE(at) !== CENTRAL_SIGNATURE || nameEnd > directory.length) return null;
    records.push({
      path: directory.toString("latin1", at + CENTRAL_HEADER_BYTES, nameEnd),
      size: directory.readUInt32LE(at + 24),
      crc32: directory.readUInt32LE(at + 16),
      offset: directory.readUInt32LE(at + 42),
    });
    at = nameEnd;
  }
  return records;
}
