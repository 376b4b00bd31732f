import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BundleFile } from "../bundle/run-bundle.ts";
import { codeOf } from "../error-code.ts";

/**
 * Writes a bundle to `<root>/<name>` and returns that path. The files are written to a draft, made durable and renamed into place
 * together: after a crash there is the old bundle, the new one or none, never a part of one. A bundle that is there already with the
 * same bytes is kept. The name of a draft is used once, by one call: no other call or program removes it.
 */
export async function writeBundleFolder(
  root: string,
  name: string,
  files: readonly BundleFile[],
): Promise<string> {
  const place = join(root, name);
  if (await hasFiles(place, files)) return place;
  await mkdir(root, { recursive: true });
  const draft = join(root, `.${name}.${randomUUID()}.tmp`);
  try {
    await mkdir(draft);
    for (const { path, bytes } of files) await writeDurably(join(draft, path), bytes);
    await syncFolder(draft);
    await moveIntoPlace(draft, place, files);
    await syncFolder(root);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return place;
}

/** A rename does not replace a folder that has files, nor anything else that is no folder, so that is moved away first. */
async function moveIntoPlace(draft: string, place: string, files: readonly BundleFile[]): Promise<void> {
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

/** Whether `place` is a folder with exactly these files. Links and files of other kinds are not followed and not read. */
async function hasFiles(place: string, files: readonly BundleFile[]): Promise<boolean> {
  try {
    if (!(await lstat(place)).isDirectory()) return false;
    const names = (await readdir(place)).sort();
    const expected = files.map(({ path }) => path).sort();
    if (names.join("/") !== expected.join("/")) return false;
    for (const { path, bytes } of files) {
      if (!(await isPlainFileOf(join(place, path), bytes))) return false;
    }
    return true;
  } catch (error) {
    if (isOtherKind(error)) return false;
    throw error;
  }
}

/**
 * Whether `path` is a plain file of these bytes. Without O_NONBLOCK the open of a FIFO would wait for a writer. A file with further
 * hard links counts as another one: whoever has the other name can change it.
 */
async function isPlainFileOf(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.nlink !== 1 || stats.size !== bytes.length) return false;
    const content = Buffer.alloc(bytes.length);
    const { bytesRead } = await file.read(content, 0, content.length, 0);
    return bytesRead === bytes.length && content.equals(bytes);
  } finally {
    await file.close();
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes, { flush: true, flag: "wx" });
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
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
