import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { byPath } from "../bundle/layout.ts";
import type { Finding } from "../bundle/verify/check.ts";
import type { BundleReader } from "../bundle/verify/contents.ts";
import { readAt } from "./read-at.ts";
import { findPathFault, MAX_BUNDLE_FILE_BYTES, MAX_BUNDLE_FILES } from "./safe-path.ts";
import { UnreadableBundle, unreadable } from "./unreadable-bundle.ts";

/** Deeper folders are no part of a bundle. */
const MAX_DEPTH = 4;

/**
 * Reads a folder. Links are not followed, and nothing is read but plain files.
 * @throws UnreadableBundle when it has too many files, or one that is too large or cannot be read
 */
export async function readFolder(root: string): Promise<BundleReader & AsyncDisposable> {
  const found = await listFiles(root, "", 0);
  const files = found.filter(({ stats }) => stats.isFile()).sort(byPath);
  const faults: Finding[] = found
    .filter(({ stats }) => !stats.isFile())
    .map(({ path }) => ({ file: path, reason: "is no plain file" }));
  for (const { path, stats } of files) {
    if (stats.size > MAX_BUNDLE_FILE_BYTES) throw new UnreadableBundle(`${join(root, path)} is too large.`);
    const fault = findPathFault(path, undefined);
    if (fault !== null) faults.push({ file: path, reason: fault });
  }
  const opened = new Map<string, number>();
  const open = (path: string): number => {
    const descriptor = opened.get(path) ?? openPlainFile(join(root, path));
    opened.set(path, descriptor);
    return descriptor;
  };
  return {
    files: files.map(({ path, stats }) => ({ path, size: stats.size })),
    faults,
    read: (path, buffer, at) => readAt(join(root, path), open(path), buffer, at),
    async [Symbol.asyncDispose]() {
      for (const descriptor of opened.values()) closeSync(descriptor);
    },
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
function openPlainFile(path: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new UnreadableBundle(`${path} is no plain file any more.`);
}
