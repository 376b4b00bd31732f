import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BundleFile } from "../bundle/run-bundle.ts";
import { codeOf } from "../error-code.ts";

/**
 * Writes a bundle as `<root>/<name>` and returns that path. The files are written aside, made durable and moved into place
 * as a whole: a crash leaves the old bundle, the new one or none, never half of one. A bundle that is there already with
 * the same bytes is left alone.
 */
export async function writeBundleFolder(
  root: string,
  name: string,
  files: readonly BundleFile[],
): Promise<string> {
  const place = join(root, name);
  if (await holds(place, files)) return place;
  await mkdir(root, { recursive: true });
  const aside = join(root, `.${name}.${randomUUID()}.tmp`);
  try {
    await mkdir(aside);
    for (const { path, bytes } of files) await writeDurably(join(aside, path), bytes);
    await syncFolder(aside);
    await moveIntoPlace(aside, place, files);
    await syncFolder(root);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return place;
}

/** A folder cannot be renamed onto a full one, so an outdated bundle steps aside first. */
async function moveIntoPlace(aside: string, place: string, files: readonly BundleFile[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(aside, place);
      return;
    } catch (error) {
      if (!isOccupied(error) || attempt === 10) throw error;
    }
    // Another export of the same run may have come first with the same bytes; then there is nothing left to do.
    if (await holds(place, files)) return;
    const outdated = `${aside}.old`;
    await rename(place, outdated).catch(ignoreMissing);
    await rm(outdated, { recursive: true, force: true });
  }
}

async function holds(place: string, files: readonly BundleFile[]): Promise<boolean> {
  try {
    const names = (await readdir(place)).sort();
    const expected = files.map(({ path }) => path).sort();
    if (names.join("/") !== expected.join("/")) return false;
    for (const { path, bytes } of files) {
      if (!(await readFile(join(place, path))).equals(bytes)) return false;
    }
    return true;
  } catch (error) {
    return ignoreMissing(error);
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
  const code = codeOf(error);
  return code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR";
}

function ignoreMissing(error: unknown): false {
  if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return false;
  throw error;
}
