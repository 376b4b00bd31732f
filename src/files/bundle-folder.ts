import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BundleEntry, ENVELOPE, TAG_MANIFEST } from "../bundle/layout.ts";
import { codeOf } from "../error-code.ts";
import { sha256Hex } from "../sha256.ts";
import { syncFolder } from "../sync-folder.ts";

/** A bundle holds the document, which other users of the machine may not read. */
const OWNER_ONLY = 0o700;

/**
 * Writes a bundle to `<root>/<name>` and returns that path. The files are written to a draft, made durable and renamed into place
 * together: after a crash there is the old bundle, the new one or none, never a part of one. A bundle that is there already with the
 * same bytes is kept. The name of a draft is used once, by one call: no other call or program removes it.
 */
export async function writeBundleFolder(
  root: string,
  name: string,
  files: readonly BundleEntry[],
): Promise<string> {
  const place = join(root, name);
  if (await hasFiles(place, files)) return place;
  await mkdir(root, { recursive: true, mode: OWNER_ONLY });
  const draft = join(root, `.${name}.${randomUUID()}.tmp`);
  try {
    await mkdir(draft, { mode: OWNER_ONLY });
    const folders = foldersOf(files).map((folder) => join(draft, folder));
    for (const folder of folders) await mkdir(folder);
    // Large files are streamed one after the other; small ones are written at once, because each waits for the disk.
    await Promise.all(files.filter(isSmall).map((file) => writeDurably(draft, file)));
    for (const file of files.filter((candidate) => !isSmall(candidate))) await writeDurably(draft, file);
    await Promise.all([...folders, draft].map(syncFolder));
    await moveIntoPlace(draft, place, files);
    await syncFolder(root);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return place;
}

/**
 * The path of the bundle at `<root>/<name>`; null when none with this digest is there, or one without a signature where it must have one.
 * The other files are not read: the folder was moved into place as a whole, and `verify` finds what was changed in it since.
 */
export async function findBundleFolder(
  root: string,
  name: string,
  bundleSha256: string,
  isSigned: boolean,
): Promise<string | null> {
  const place = join(root, name);
  try {
    if (sha256Hex(await readFile(join(place, TAG_MANIFEST))) !== bundleSha256) return null;
    if (isSigned) await lstat(join(place, ENVELOPE));
    return place;
  } catch (error) {
    if (isOtherKind(error)) return null;
    throw error;
  }
}

/** Removes the bundle at `<root>/<name>`, if one is there. It is moved away first, so no reader finds a part of it. */
export async function removeBundleFolder(root: string, name: string): Promise<void> {
  const outdated = join(root, `.${name}.${randomUUID()}.tmp`);
  await rename(join(root, name), outdated).catch(ignoreMissing);
  await rm(outdated, { recursive: true, force: true });
}

/** A rename does not replace a folder that has files, nor anything else that is no folder, so that is moved away first. */
async function moveIntoPlace(draft: string, place: string, files: readonly BundleEntry[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(draft, place);
      return;
    } catch (error) {
      if (!isOccupied(error) || attempt === 10) throw error;
    }
    // Another export of the same run can have written the same bytes in the meantime.
    if (await hasFiles(place, files)) return;
    const outdated = `${draft}.old`;
    await rename(place, outdated).catch(ignoreMissing);
    await rm(outdated, { recursive: true, force: true });
  }
}

const SMALL_BYTES = 256 * 1024;
const PART_BYTES = 1024 * 1024;

function isSmall({ size }: BundleEntry): boolean {
  return size <= SMALL_BYTES;
}

/** The folders within the bundle that hold these files, each after the one that holds it. */
function foldersOf(files: readonly BundleEntry[]): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = dirname(path) === "." ? [] : dirname(path).split("/");
    for (const index of parts.keys()) folders.add(parts.slice(0, index + 1).join("/"));
  }
  return [...folders].sort();
}

/** Whether `place` is a folder with exactly these files. Links and files of other kinds are not followed and not read. */
async function hasFiles(place: string, files: readonly BundleEntry[]): Promise<boolean> {
  try {
    if (!(await lstat(place)).isDirectory()) return false;
    const expected = [...files.map(({ path }) => path), ...foldersOf(files)].sort();
    const names = (await readdir(place, { recursive: true }))
      .map((name) => name.replaceAll("\\", "/"))
      .sort();
    if (names.join("\n") !== expected.join("\n")) return false;
    const areSame = await Promise.all(files.filter(isSmall).map((file) => isPlainFileOf(place, file)));
    if (areSame.includes(false)) return false;
    for (const file of files.filter((candidate) => !isSmall(candidate))) {
      if (!(await isPlainFileOf(place, file))) return false;
    }
    return true;
  } catch (error) {
    if (isOtherKind(error)) return false;
    throw error;
  }
}

/**
 * Whether the file is there as a plain file of these bytes. Without O_NONBLOCK the open of a FIFO would wait for a writer. A file with
 * further hard links counts as another one: whoever has the other name can change it.
 */
async function isPlainFileOf(place: string, { path, size, sha256 }: BundleEntry): Promise<boolean> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(join(place, path), flags);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.nlink !== 1 || stats.size !== size) return false;
    return (await sha256Of(file, size)) === sha256;
  } finally {
    await file.close();
  }
}

async function sha256Of(file: FileHandle, size: number): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(Math.min(size, PART_BYTES));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest("hex");
}

async function writeDurably(draft: string, { path, read }: BundleEntry): Promise<void> {
  const file = await open(join(draft, path), "wx");
  try {
    for await (const part of read()) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isOccupied(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(codeOf(error) ?? "");
}

/** Nothing is there, or it is a link, a socket, a file without permission to read. */
function isOtherKind(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EACCES"].includes(codeOf(error) ?? "");
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== "ENOENT") throw error;
}
