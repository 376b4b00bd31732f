import { stat } from "node:fs/promises";
import type { BundleReader } from "../bundle/verify/contents.ts";
import { codeOf } from "../error-code.ts";
import { readFolder } from "./folder-reader.ts";
import { UnreadableBundle } from "./unreadable-bundle.ts";
import { readZip } from "./zip-reader.ts";

/**
 * Opens a bundle in a folder or a zip file, calls `work` with it, and closes it.
 * @throws UnreadableBundle when nothing is there that can be read as a bundle
 */
export async function withBundle<Result>(
  path: string,
  work: (reader: BundleReader) => Promise<Result>,
): Promise<Result> {
  try {
    await using reader = (await stat(path)).isDirectory() ? await readFolder(path) : await readZip(path);
    return await work(reader);
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof UnreadableBundle || code === null) throw error;
    throw new UnreadableBundle(`${path} cannot be read (${code}).`, { cause: error });
  }
}
