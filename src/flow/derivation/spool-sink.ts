import { writeSync } from "node:fs";
import type { ArtifactSink } from "./derive.ts";

/** The file descriptor of the spool in a child process. */
export const SPOOL_FD = 3;

/** An artifact of more bytes goes through the spool, and is not cached by the steps. */
export const MAX_PIPED_BYTES = 8 * 2 ** 20;

/** Where the bytes of an artifact are: in memory in pieces, or in the spool from `start` on. */
export type SunkBytes =
  | Readonly<{ pieces: readonly Uint8Array[] }>
  | Readonly<{ spooled: Readonly<{ start: number; length: number }> }>;

/** Makes sinks for a child process: short artifacts stay in memory, longer ones are appended to the spool. */
export function createSpoolSinks(fd: number): () => ArtifactSink<SunkBytes> {
  let end = 0;
  const append = (bytes: Uint8Array): void => {
    for (let written = 0; written < bytes.length; )
      written += writeSync(fd, bytes, written, bytes.length - written, end + written);
    end += bytes.length;
  };
  return () => {
    const start = end;
    let pieces: Uint8Array[] = [];
    let length = 0;
    return {
      write(piece) {
        length += piece.length;
        pieces.push(piece);
        if (length <= MAX_PIPED_BYTES) return;
        for (const held of pieces) append(held);
        pieces = [];
      },
      end: () => (end === start ? { pieces } : { spooled: { start, length } }),
    };
  };
}
