import { createByteTurns, TURN_BYTES } from "../../byte-turns.ts";

/** A message between this process and a child process that derives for it: a header as JSON, and byte arrays. */
export type Frame<Header> = Readonly<{ header: Header; parts: readonly Uint8Array[] }>;

/** A frame that is sent: each part is the bytes of some pieces, one after the other. */
export type OutgoingFrame<Header> = Readonly<{ header: Header; parts: readonly (readonly Uint8Array[])[] }>;

type Envelope<Header> = Readonly<{ header: Header; sizes: readonly number[] }>;

const LENGTH_BYTES = 4;

/** So much is written at once, because Bun copies what the receiver does not take yet. */
const SLICE_BYTES = TURN_BYTES;

/** The length of the envelope, the envelope as JSON, and the parts one after the other, in slices. */
export function encodeFrame<Header>({ header, parts }: OutgoingFrame<Header>): readonly Uint8Array[] {
  const sizes = parts.map((pieces) => pieces.reduce((sum, { length }) => sum + length, 0));
  const envelope: Envelope<Header> = { header, sizes };
  const json = Buffer.from(JSON.stringify(envelope));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  return [length, json, ...parts.flat().flatMap(slicesOf)];
}

function slicesOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / SLICE_BYTES);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * SLICE_BYTES, (n + 1) * SLICE_BYTES));
}

/**
 * Reads frames that follow each other in a stream. Ends with the stream between two frames.
 * @throws Error when the stream ends within a frame: the sender ended before it had written all of it
 */
export async function* readFrames<Header>(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame<Header>> {
  const take = byteTaker(stream);
  for (;;) {
    const length = await take(LENGTH_BYTES);
    if (length === null) return;
    const json = await takeWhole(take, length.readUInt32BE(0));
    const { header, sizes }: Envelope<Header> = JSON.parse(json.toString("utf8"));
    const parts: Buffer[] = [];
    for (const size of sizes) parts.push(await takeWhole(take, size));
    yield { header, parts };
  }
}

/** Takes exactly so many bytes; null when the stream has ended before the first of them. */
type Take = (bytes: number) => Promise<Buffer | null>;

async function takeWhole(take: Take, bytes: number): Promise<Buffer> {
  const taken = bytes === 0 ? Buffer.alloc(0) : await take(bytes);
  if (taken === null) throw new Error("the message is incomplete");
  return taken;
}

/** Copies each byte once, into a buffer of its own: a long part is never in memory twice. */
function byteTaker(stream: AsyncIterable<Buffer>): Take {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  // While the sender is as fast as the reader, the stream goes on without giving other work its turn.
  const giveTurn = createByteTurns();
  return async (bytes) => {
    const whole = Buffer.allocUnsafe(bytes);
    let length = 0;
    for (;;) {
      const taken = rest.copy(whole, length);
      length += taken;
      rest = rest.subarray(taken);
      if (length === bytes) return whole;
      await giveTurn(taken);
      const { value, done } = await chunks.next();
      if (done) {
        if (length === 0) return null;
        throw new Error("the message is incomplete");
      }
      rest = value;
    }
  };
}
