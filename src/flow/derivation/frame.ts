/** A message between this process and a child process that derives for it: a header as JSON, and byte arrays. */
export type Frame<Header> = Readonly<{ header: Header; parts: readonly Uint8Array[] }>;

type Envelope<Header> = Readonly<{ header: Header; sizes: readonly number[] }>;

const LENGTH_BYTES = 4;

/** Writes the length of the envelope, the envelope as JSON, and the parts one after the other. */
export function encodeFrame<Header>({ header, parts }: Frame<Header>): readonly Uint8Array[] {
  const envelope: Envelope<Header> = { header, sizes: parts.map(({ length }) => length) };
  const json = Buffer.from(JSON.stringify(envelope));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  return [length, json, ...parts];
}

/** @throws Error when the bytes are not a whole frame: the sender ended before it had written all of it */
export function decodeFrame<Header>(bytes: Buffer): Frame<Header> {
  const start = LENGTH_BYTES + (bytes.length < LENGTH_BYTES ? 0 : bytes.readUInt32BE(0));
  const { header, sizes } = JSON.parse(bytes.subarray(LENGTH_BYTES, start).toString()) as Envelope<Header>;
  const parts: Uint8Array[] = [];
  let at = start;
  for (const size of sizes) {
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  if (at !== bytes.length) throw new Error(`a frame of ${at} bytes has ${bytes.length}`);
  return { header, parts };
}
