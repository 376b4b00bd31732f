import { stat } from "node:fs/promises";
import type { BundleReader } from "../bundle/verify/contents.ts";
import { readFolder } from "./folder-reader.ts";
import { UnreadableBundle, unreadable } from "./unreadable-bundle.ts";
import { readZip } from "./zip-reader.ts";

/**
 * Opens a bundle in a folder or a zip file, calls `work` with it, and closes it.
 * @throws UnreadableBundle when nothing is there that can be read as a bundle
 */
export async function withBundle<Result>(
  path: string,
  work: (reader: BundleReader) => Result | Promise<Result>,
): Promise<Result> {
  await using reader = await openBundle(path);
  return await work(reader);
}

async function openBundle(path: string): Promise<BundleReader & AsyncDisposable> {
  try {
    return (await stat(path)).isDirectory() ? await readFolder(path) : readZip(path);
  } catch (cause) {
    throw cause instanceof UnreadableBundle ? cause : unreadable(path, cause);
  }
}
