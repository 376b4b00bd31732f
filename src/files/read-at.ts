import { readSync } from "node:fs";
import { unreadable } from "./unreadable-bundle.ts";

/**
 * Reads from the byte `at` of a file into `buffer`. Returns how many bytes it read: fewer than asked for at the end of the file only.
 * `path` is for messages. It is synchronous: a bundle is verified by a subcommand, which has nothing else to do, and the system reads ahead.
 */
export function readAt(path: string, descriptor: number, buffer: Uint8Array, at: number): number {
  let length = 0;
  while (length < buffer.length) {
    const count = readPart(path, descriptor, buffer.subarray(length), at + length);
    if (count === 0) break;
    length += count;
  }
  return length;
}

function readPart(path: string, descriptor: number, buffer: Uint8Array, at: number): number {
  try {
    return readSync(descriptor, buffer, 0, buffer.length, at);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
