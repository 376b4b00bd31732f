import { crc32 } from "node:zlib";
import { Inflate } from "fflate";
import { RunFailure } from "../../failure.ts";
import { LIMITS } from "./limits.ts";

const END_RECORD = 0x06054b50;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END_RECORD = 0x06064b50;
const DIRECTORY_HEADER = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;

const LOCAL_HEADER_BYTES = 30;
const END_RECORD_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
/** In a 32-bit field: the value is in the zip64 extra field instead. */
const IN_ZIP64 = 0xffffffff;

const STORED = 0;
const DEFLATED = 8;

/** Packed bytes are unpacked in slices, so that an entry that unpacks to more than it declares is stopped early. */
const SLICE_BYTES = 64 * 1024;

type Entry = Readonly<{
  name: string;
  isEncrypted: boolean;
  method: number;
  crc: number;
  packedBytes: number;
  bytes: number;
  /** Of the local header, from the start of the archive. */
  offset: number;
}>;

/**
 * A zip archive in memory. The names come from its central directory; an entry is unpacked when it is read, within the
 * limits, and its CRC is checked. Archives inside the archive are never opened.
 * Throws RunFailure FAILED_CORRUPT, FAILED_TOO_LARGE or FAILED_ENCRYPTED.
 */
export class ZipArchive {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #entries = new Map<string, Entry>();
  /** Before the archive: some programs put bytes in front of it and do not move its offsets. */
  #base = 0;
  #unpackedBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      this.#readDirectory();
    } catch (cause) {
      throw asCorrupt(cause);
    }
  }

  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The unpacked bytes of an entry; null where there is none of this name. */
  read(name: string): Uint8Array | null {
    const entry = this.#entries.get(name);
    if (!entry) return null;
    if (entry.isEncrypted) throw new RunFailure("FAILED_ENCRYPTED");
    this.#checkSize(entry);
    try {
      return this.#unpack(entry);
    } catch (cause) {
      throw asCorrupt(cause);
    }
  }

  #readDirectory(): void {
    const end = this.#findEndRecord();
    const zip64 = this.#findZip64EndRecord(end);
    const count = zip64 === null ? this.#view.getUint16(end + 10, true) : this.#readUint64(zip64 + 32);
    const size = zip64 === null ? this.#view.getUint32(end + 12, true) : this.#readUint64(zip64 + 40);
    const offset = zip64 === null ? this.#view.getUint32(end + 16, true) : this.#readUint64(zip64 + 48);
    if (count > LIMITS.entries) throw new RunFailure("FAILED_TOO_LARGE");
    const start = (zip64 ?? end) - size;
    if (start < offset) throw new RunFailure("FAILED_CORRUPT");
    this.#base = start - offset;
    let at = start;
    for (let index = 0; index < count; index += 1) at = this.#readDirectoryEntry(at);
    checkOverlaps([...this.#entries.values()]);
  }

  #findEndRecord(): number {
    const last = this.#bytes.length - END_RECORD_BYTES;
    for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at -= 1) {
      if (this.#view.getUint32(at, true) === END_RECORD) return at;
    }
    throw new RunFailure("FAILED_CORRUPT");
  }

  #findZip64EndRecord(end: number): number | null {
    const locator = end - 20;
    if (locator < 0 || this.#view.getUint32(locator, true) !== ZIP64_LOCATOR) return null;
    // The record has no fixed size, but nothing in use extends it beyond its 56 bytes.
    const at = locator - 56;
    return at >= 0 && this.#view.getUint32(at, true) === ZIP64_END_RECORD ? at : null;
  }

  /** Reads the entry at `at` and returns where the next one starts. */
  #readDirectoryEntry(at: number): number {
    const view = this.#view;
    if (view.getUint32(at, true) !== DIRECTORY_HEADER) throw new RunFailure("FAILED_CORRUPT");
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const sizes = this.#readSizes(at, nameEnd, extraEnd);
    const entry: Entry = {
      name: decodeName(this.#bytes.subarray(at + 46, nameEnd)),
      isEncrypted: (view.getUint16(at + 8, true) & 1) === 1,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      ...sizes,
    };
    if (!this.#entries.has(entry.name)) this.#entries.set(entry.name, entry);
    return extraEnd + view.getUint16(at + 32, true);
  }

  /** The zip64 extra field holds those of the three values, in this order, that do not fit into 32 bits. */
  #readSizes(at: number, extraStart: number, extraEnd: number) {
    const view = this.#view;
    let zip64 = this.#findExtraField(extraStart, extraEnd, 0x0001);
    const [bytes = 0, packedBytes = 0, offset = 0] = [24, 20, 42].map((field) => {
      const value = view.getUint32(at + field, true);
      if (value !== IN_ZIP64 || zip64 === null) return value;
      zip64 += 8;
      return this.#readUint64(zip64 - 8);
    });
    return { bytes, packedBytes, offset };
  }

  #findExtraField(start: number, end: number, id: number): number | null {
    for (let at = start; at + 4 <= end; at += 4 + this.#view.getUint16(at + 2, true)) {
      if (this.#view.getUint16(at, true) === id) return at + 4;
    }
    return null;
  }

  #readUint64(at: number): number {
    return this.#view.getUint32(at + 4, true) * 2 ** 32 + this.#view.getUint32(at, true);
  }

  #checkSize({ bytes, packedBytes }: Entry): void {
    this.#unpackedBytes += bytes;
    const isBomb = bytes > LIMITS.ratioFromBytes && bytes > packedBytes * LIMITS.ratio;
    if (isBomb || bytes > LIMITS.partBytes || this.#unpackedBytes > LIMITS.totalBytes) {
      throw new RunFailure("FAILED_TOO_LARGE");
    }
  }

  #unpack(entry: Entry): Uint8Array {
    const header = this.#base + entry.offset;
    if (this.#view.getUint32(header, true) !== LOCAL_HEADER) throw new RunFailure("FAILED_CORRUPT");
    const start =
      header +
      LOCAL_HEADER_BYTES +
      this.#view.getUint16(header + 26, true) +
      this.#view.getUint16(header + 28, true);
    const packed = this.#bytes.subarray(start, start + entry.packedBytes);
    if (packed.length !== entry.packedBytes) throw new RunFailure("FAILED_CORRUPT");
    const unpacked = unpackBy(entry.method, packed, entry.bytes);
    if (unpacked === null || crc32(unpacked) !== entry.crc) throw new RunFailure("FAILED_CORRUPT");
    return unpacked;
  }
}

/** Entries that share their bytes would unpack to many times what is there. No program writes them. */
function checkOverlaps(entries: readonly Entry[]): void {
  let end = 0;
  for (const { offset, packedBytes } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < end) throw new RunFailure("FAILED_CORRUPT");
    end = offset + LOCAL_HEADER_BYTES + packedBytes;
  }
}

/** null where the data is not of the declared size, or of a method that OOXML does not allow. */
function unpackBy(method: number, packed: Uint8Array, bytes: number): Uint8Array | null {
  if (method === STORED) return packed.length === bytes ? packed : null;
  return method === DEFLATED ? inflate(packed, bytes) : null;
}

function inflate(packed: Uint8Array, bytes: number): Uint8Array | null {
  const unpacked = new Uint8Array(bytes);
  let length = 0;
  const inflater = new Inflate((chunk) => {
    if (length + chunk.length <= bytes) unpacked.set(chunk, length);
    length += chunk.length;
  });
  for (let at = 0; at < packed.length && length <= bytes; at += SLICE_BYTES) {
    inflater.push(packed.subarray(at, at + SLICE_BYTES), at + SLICE_BYTES >= packed.length);
  }
  return length === bytes ? unpacked : null;
}

/** Names are UTF-8 or code page 437; the names of parts are ASCII in both. */
function decodeName(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A read beyond the end of the bytes, or what fflate says about a malformed stream. */
function asCorrupt(cause: unknown): RunFailure {
  return cause instanceof RunFailure ? cause : new RunFailure("FAILED_CORRUPT", { cause });
}
