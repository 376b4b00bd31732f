import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { BundleEntry } from "../bundle/layout.ts";
import { fitsInZip, zipOf } from "../bundle/zip.ts";
import { StartFailure } from "../failure.ts";

/** The bytes of the zip file of a bundle, in parts. Every entry is read twice: its checksum stands before its bytes. */
export async function zipBundle(entries: readonly BundleEntry[]): Promise<AsyncGenerator<Uint8Array>> {
  if (!fitsInZip(entries)) throw new StartFailure("The bundle is too large for a zip file: export a folder.");
  const checksums = new Map<string, number>();
  for (const { path, read } of entries) {
    let checksum = 0;
    for await (const part of read()) checksum = crc32(part, checksum);
    checksums.set(path, checksum);
  }
  return zipOf(entries, (path) => checksums.get(path) ?? 0);
}

/** Writes the zip file beside its place and renames it, so that at its place it is always whole. */
export async function writeBundleZip(path: string, entries: readonly BundleEntry[]): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, "wx");
    try {
      for await (const part of await zipBundle(entries)) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
