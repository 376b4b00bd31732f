/**
 * The file of a backup:
 *
 *   jejakekal-backup/1 LF
 *   frames of the header (JSON in UTF-8), then of each table of the header in its order (binary `COPY`)
 *   the sha256 of all bytes before it (32 bytes)
 *
 * A frame is its length (four bytes, big-endian) and as many bytes; an empty frame ends the header and each table.
 */
import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { codeOf } from "../../error-code.ts";
import { StartFailure } from "../../failure.ts";
import { syncFolder } from "../../sync-folder.ts";

const MAGIC = Buffer.from("jejakekal-backup/1\n");
const HASH_BYTES = 32;
const READ_BYTES = 1024 * 1024;

const headerSchema = z.object({
  /** The version of the program that made the backup. */
  program: z.string(),
  created_at: z.string(),
  /** Names of the migrations of schema `jejakekal`, in order. */
  migrations: z.array(z.string()),
  /** The number of the last migration of schema `dbos`. */
  dbos_version: z.number().int(),
  runs: z.number().int(),
  tables: z.array(z.object({ schema: z.string(), name: z.string(), columns: z.array(z.string()) })),
  sequences: z.array(
    z.object({ schema: z.string(), name: z.string(), last_value: z.string(), is_called: z.boolean() }),
  ),
});

export type BackupHeader = z.infer<typeof headerSchema>;

export type BackupWriter = Readonly<{
  /** Appends a frame; returns when the file has taken it. */
  write(chunk: Buffer): Promise<void>;
  endSection(): Promise<void>;
}>;

/**
 * Writes a backup beside `path` and renames it when it is whole and on the disk, so `path` is never half a backup. The name of the draft
 * has the pid, so that two backups to one path do not write into each other. A process that is killed leaves its draft, which the next
 * backup to this path removes.
 * @returns the size in bytes and the sha256 at the end of the file
 */
export async function writeBackupFile(
  path: string,
  write: (writer: BackupWriter) => Promise<void>,
): Promise<{ bytes: number; sha256: string }> {
  await removeLeftDrafts(path);
  const draft = draftOf(path, process.pid);
  const file = await open(draft, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  const append = async (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
    await file.appendFile(chunk);
  };
  try {
    await append(MAGIC);
    await write({
      async write(chunk) {
        if (chunk.length > 0) await append(Buffer.concat([lengthOf(chunk), chunk]));
      },
      endSection: () => append(Buffer.alloc(4)),
    });
    const digest = hash.digest();
    await file.appendFile(digest);
    await file.sync();
    await file.close();
    await rename(draft, path);
    await syncFolder(dirname(path));
    return { bytes: bytes + HASH_BYTES, sha256: digest.toString("hex") };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
}

function draftOf(path: string, pid: number): string {
  return `${path}.${pid}.part`;
}

/** Removes the drafts of processes that have ended, and one of an earlier process that had the pid of this one. */
async function removeLeftDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    const [, pid] = /\.(\d+)\.part$/.exec(name) ?? [];
    const isDraft = pid !== undefined && name === draftOf(basename(path), Number(pid));
    if (isDraft && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

/** Whether another process has this pid. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * Checks the sha256 of the whole file, and then calls `work` with the header and the sections in their order.
 * @throws StartFailure when it is no backup, or not a whole and unchanged one
 */
export async function readBackupFile<Result>(
  path: string,
  work: (header: BackupHeader, nextSection: () => AsyncIterable<Buffer>) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, "r");
  try {
    const end = await checkHash(file, path);
    const reader = createFrameReader(file, MAGIC.length, end);
    const frames: Buffer[] = [];
    for await (const frame of reader.section()) frames.push(frame);
    const header = headerSchema.parse(JSON.parse(Buffer.concat(frames).toString()));
    return await work(header, reader.section);
  } finally {
    await file.close();
  }
}

/** The offset of the hash at the end. */
async function checkHash(file: FileHandle, path: string): Promise<number> {
  const { size } = await file.stat();
  const end = size - HASH_BYTES;
  if (end < MAGIC.length || !(await readExactly(file, 0, MAGIC.length)).equals(MAGIC))
    throw new StartFailure(`${path} is no backup of this program.`);
  const hash = createHash("sha256");
  for (let at = 0; at < end; at += READ_BYTES)
    hash.update(await readExactly(file, at, Math.min(READ_BYTES, end - at)));
  if (!hash.digest().equals(await readExactly(file, end, HASH_BYTES)))
    throw new StartFailure(`${path} is not a whole, unchanged backup: its sha256 is wrong.`);
  return end;
}

function createFrameReader(file: FileHandle, start: number, end: number) {
  let at = start;
  const take = async (length: number) => {
    if (at + length > end) throw new Error("a frame of the backup is longer than the file");
    const bytes = await readExactly(file, at, length);
    at += length;
    return bytes;
  };
  return {
    async *section(): AsyncGenerator<Buffer> {
      for (;;) {
        const length = (await take(4)).readUInt32BE();
        if (length === 0) return;
        yield await take(length);
      }
    },
  };
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    read += bytesRead;
  }
  return buffer;
}

function lengthOf(chunk: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(chunk.length);
  return length;
}
