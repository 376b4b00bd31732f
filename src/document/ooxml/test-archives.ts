/** Zip archives written by hand, for tests: an archive may say of its entries what it likes. */
import { crc32, deflateRawSync } from "node:zlib";

export type TestEntry = Readonly<{
  name: string;
  data: Uint8Array;
  /** What the directory says that the data unpacks to. */
  declaredBytes?: number;
  /** The data is that of an earlier entry, which is in the archive once. */
  sharedWith?: TestEntry;
}>;

const LOCAL_BYTES = 30;
const DIRECTORY_BYTES = 46;
const DEFLATED = 8;
const EMPTY_DEFLATED = Buffer.from([3, 0]);

export function writeArchive(entries: readonly TestEntry[]): Uint8Array {
  const placed = new Map<TestEntry, Readonly<{ offset: number; packed: Uint8Array; crc: number }>>();
  const parts: Uint8Array[] = [];
  let length = 0;
  const append = (part: Uint8Array) => {
    parts.push(part);
    length += part.length;
  };
  for (const entry of entries) {
    const shared = entry.sharedWith && placed.get(entry.sharedWith);
    const packed = shared?.packed ?? pack(entry.data);
    placed.set(entry, shared ?? { offset: length, packed, crc: crc32(entry.data) });
    if (shared) continue;
    append(header({ signature: 0x04034b50, length: LOCAL_BYTES, sizesAt: 14 }, entry, packed));
    append(Buffer.from(entry.name));
    append(packed);
  }
  const start = length;
  for (const [entry, { offset, packed, crc }] of placed) {
    const record = header({ signature: 0x02014b50, length: DIRECTORY_BYTES, sizesAt: 16 }, entry, packed);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(offset, 42);
    append(record);
    append(Buffer.from(entry.name));
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(length - start, 12);
  end.writeUInt32LE(start, 16);
  append(end);
  return Buffer.concat(parts);
}

/** Thousands of empty entries would take seconds otherwise. */
function pack(data: Uint8Array): Uint8Array {
  return data.length === 0 ? EMPTY_DEFLATED : deflateRawSync(data);
}

type HeaderForm = Readonly<{ signature: number; length: number; sizesAt: number }>;

function header(form: HeaderForm, { name, data, declaredBytes }: TestEntry, packed: Uint8Array): Buffer {
  const bytes = Buffer.alloc(form.length);
  const isLocal = form.length === LOCAL_BYTES;
  bytes.writeUInt32LE(form.signature, 0);
  bytes.writeUInt16LE(DEFLATED, isLocal ? 8 : 10);
  bytes.writeUInt32LE(crc32(data), form.sizesAt);
  bytes.writeUInt32LE(packed.length, form.sizesAt + 4);
  bytes.writeUInt32LE(declaredBytes ?? data.length, form.sizesAt + 8);
  bytes.writeUInt16LE(name.length, isLocal ? 26 : 28);
  return bytes;
}
