import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, read, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const readAt = promisify(read);

/**
 * Bytes that are read in parts, as often as needed: `readInto` fills `part` with those from `start` on. `release` ends that: nothing
 * reads them any more.
 */
export type SpooledBytes = Readonly<{
  length: number;
  readInto(part: Uint8Array, start: number): Promise<void>;
  release(): void;
}>;

/** The bytes of an artifact: in memory, or in a spool. */
export type Content = Uint8Array | SpooledBytes;

export function isSpooled(content: Content): content is SpooledBytes {
  return !(content instanceof Uint8Array);
}

/** Frees the place of bytes that were dropped without a release, such as those of a run that was cancelled. */
const dropped = new FinalizationRegistry<() => void>((leave) => leave());

function openWithoutName(folder: string): number {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `.spool-${randomUUID()}`);
  const fd = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return fd;
}

/**
 * A file through which a child process hands over artifacts that are too large to be in memory in two processes. It has a name only
 * until it is open, so what is in it is gone when both processes have closed it, however they end.
 */
export class Spool {
  readonly fd: number;
  /** The child process, and everything that is not read yet. */
  #users = 0;
  #isClosed = false;

  /** Where no file can be made in the folder, it is made in that of temporary files. Throws Error where that fails too. */
  constructor(folder: string) {
    try {
      this.fd = openWithoutName(folder);
    } catch {
      this.fd = openWithoutName(tmpdir());
    }
  }

  /**
   * Returns what ends this use. The file is closed with the last one.
   * @throws Error when it is closed: its descriptor may be that of another file by now
   */
  use(): () => void {
    if (this.#isClosed) throw new Error("a spool is used that is closed");
    this.#users += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#users -= 1;
      if (this.#users > 0) return;
      this.#isClosed = true;
      closeSync(this.fd);
    };
  }

  /** The bytes that the child process has written at `offset`. */
  bytesAt(offset: number, length: number): SpooledBytes {
    const leave = this.use();
    const { fd } = this;
    let isReleased = false;
    const bytes: SpooledBytes = {
      length,
      async readInto(part, start) {
        for (let at = 0; at < part.length; ) {
          if (isReleased) throw new Error("bytes of a spool are read after their release");
          const { bytesRead } = await readAt(fd, part, at, part.length - at, offset + start + at);
          if (bytesRead === 0) throw new Error("a spool ends before the artifact in it");
          at += bytesRead;
        }
      },
      release() {
        isReleased = true;
        dropped.unregister(bytes);
        leave();
      },
    };
    dropped.register(bytes, leave, bytes);
    return bytes;
  }
}
