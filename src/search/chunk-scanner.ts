/** Where the JSON text of a chunk is in the bytes of its chunk index. */
export type ChunkPlace = Readonly<{ at: number; bytes: number }>;

const [QUOTE, BACKSLASH, OPEN, CLOSE, END] = [0x22, 0x5c, 0x7b, 0x7d, 0x5d];

const BEGIN = Buffer.from('{"chunks":[');

/**
 * The places of the chunks in a chunk index as it is stored: canonical JSON, whose first key is `chunks`. So a large index is parsed
 * chunk by chunk, and a hit is read without the rest.
 * @throws TypeError for bytes that begin in another way
 */
export function* findChunkPlaces(index: Uint8Array): Generator<ChunkPlace> {
  if (!BEGIN.equals(index.subarray(0, BEGIN.length)))
    throw new TypeError("these are not the bytes of a chunk index");
  let depth = 0;
  let start = 0;
  for (let at = BEGIN.length; at < index.length; at += 1) {
    const byte = index[at];
    if (byte === QUOTE) {
      at = endOfString(index, at);
    } else if (byte === OPEN) {
      if (depth === 0) start = at;
      depth += 1;
    } else if (byte === CLOSE) {
      depth -= 1;
      if (depth === 0) yield { at: start, bytes: at + 1 - start };
    } else if (byte === END && depth === 0) {
      return;
    }
  }
}

function endOfString(bytes: Uint8Array, quote: number): number {
  let at = quote + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
