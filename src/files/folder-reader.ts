import { constants, type Stats } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { byPath } from "../bundle/layout.ts";
import type { Finding } from "../bundle/verify/check.ts";
import type { BundleReader } from "../bundle/verify/contents.ts";
import { readRange } from "./read-range.ts";
import { findPathFault, MAX_BUNDLE_FILES } from "./safe-path.ts";
import { UnreadableBundle } from "./unreadable-bundle.ts";

/** Deeper folders are no part of a bundle. */
const MAX_DEPTH = 4;

/**
 * Reads a folder. Links are not followed, and nothing is read but plain files.
 * @throws UnreadableBundle when it has too many files
 */
export async function readFolder(root: string): Promise<BundleReader & AsyncDisposable> {
  const found = await listFiles(root, "", 0);
  const files = found.filter(({ stats }) => stats.isFile()).sort(byPath);
  const faults: Finding[] = found
    .filter(({ stats }) => !stats.isFile())
    .map(({ path }) => ({ file: path, reason: "is no plain file" }));
  for (const { path } of files) {
    const fault = findPathFault(path, undefined);
    if (fault !== null) faults.push({ file: path, reason: fault });
  }
  return {
    files: files.map(({ path, stats }) => ({ path, size: stats.size })),
    faults,
    read: (path) =>
      readPlainFile(join(root, path), files.find((file) => file.path === path)?.stats.size ?? 0),
    async [Symbol.asyncDispose]() {},
  };
}

type Found = Readonly<{ path: string; stats: Stats }>;

/** Everything below a folder but the folders themselves, where these hold something. */
async function listFiles(root: string, folder: string, depth: number): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const name of await readdir(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const stats = await lstat(join(root, path));
    const inside = stats.isDirectory() && depth < MAX_DEPTH ? await listFiles(root, path, depth + 1) : [];
    found.push(...(inside.length > 0 ? inside : [{ path, stats }]));
    if (found.length > MAX_BUNDLE_FILES)
      throw new UnreadableBundle(`${root} has too many files for a bundle.`);
  }
  return found;
}

/** Without O_NONBLOCK the open of a FIFO that was put in place of the file would wait for a writer. */
async function readPlainFile(path: string, size: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new UnreadableBundle(`${path} is no plain file any more.`);
    return await readRange(file, 0, size);
  } finally {
    await file.close();
  }
}
