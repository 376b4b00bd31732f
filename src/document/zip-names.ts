/** More names do not help to tell what an archive is. */
const MAX_NAMES = 2_000;

const LOCAL_HEADER = [0x50, 0x4b, 0x03, 0x04];
const CENTRAL_HEADER = [0x50, 0x4b, 0x01, 0x02];
const END_RECORD = [0x50, 0x4b, 0x05, 0x06];

/** The end record is 22 bytes and a comment of at most 65,535. */
const MAX_END_BYTES = 22 + 0xffff;

/**
 * The names of a zip archive's first entries, from its central directory and without unpacking anything. For an archive that
 * is cut off before its directory, the names in the local headers.
 */
export function zipNamesOf(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tailStart = Math.max(0, buffer.length - MAX_END_BYTES);
  const endRecord = buffer.subarray(tailStart).lastIndexOf(Buffer.from(END_RECORD));
  const at = tailStart + endRecord;
  if (endRecord < 0 || at + 22 > buffer.length) return namesInLocalHeaders(buffer);
  return namesInDirectory(buffer, buffer.readUInt32LE(at + 16));
}

function namesInDirectory(buffer: Buffer, start: number): string[] {
  const names: string[] = [];
  let at = start;
  while (names.length < MAX_NAMES && at + 46 <= buffer.length && startsWith(buffer, at, CENTRAL_HEADER)) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => buffer.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    names.push(buffer.toString("latin1", at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names.length > 0 ? names : namesInLocalHeaders(buffer);
}

function namesInLocalHeaders(buffer: Buffer): string[] {
  const names: string[] = [];
  const header = Buffer.from(LOCAL_HEADER);
  for (let at = buffer.indexOf(header); at >= 0; at = buffer.indexOf(header, at + header.length)) {
    if (names.length >= MAX_NAMES || at + 30 > buffer.length) break;
    names.push(buffer.toString("latin1", at + 30, at + 30 + buffer.readUInt16LE(at + 26)));
  }
  return names;
}

function startsWith(buffer: Buffer, at: number, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => buffer[at + index] === byte);
}
