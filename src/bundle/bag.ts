import { sha256Hex } from "../sha256.ts";
import {
  ATTESTATIONS_FOLDER,
  BAG_INFO,
  BAGIT,
  type BundleFile,
  byPath,
  PAYLOAD_FOLDER,
  PAYLOAD_MANIFEST,
  TAG_MANIFEST,
} from "./layout.ts";

/** What a checksum file says of a file. */
export type Checksum = Readonly<{ path: string; sha256: string }>;

/** A file with its size and hash; its bytes are elsewhere. */
export type HashedFile = Checksum & Readonly<{ size: number }>;

/** The three files that a bag needs besides its payload and `tagmanifest-sha256.txt`. */
export function buildBagFiles(runId: string, payload: readonly HashedFile[]): readonly BundleFile[] {
  return [
    textFile(BAGIT, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
    textFile(
      BAG_INFO,
      `Bag-Software-Agent: jejakekal\nExternal-Identifier: ${runId}\nPayload-Oxum: ${oxumOf(payload)}\n`,
    ),
    textFile(PAYLOAD_MANIFEST, checksumText(payload)),
  ];
}

/** `tagmanifest-sha256.txt` over the files that it covers; others may be given. */
export function buildTagManifest(files: readonly Checksum[]): BundleFile {
  return textFile(TAG_MANIFEST, checksumText(files.filter(({ path }) => isCoveredByTagManifest(path))));
}

export function isCoveredByTagManifest(path: string): boolean {
  return path !== TAG_MANIFEST && !path.startsWith(ATTESTATIONS_FOLDER) && !path.startsWith(PAYLOAD_FOLDER);
}

/** The name of a bundle: the sha256 of its tag manifest, which covers all files through other checksums. */
export function bundleDigestOf(tagManifest: BundleFile): string {
  return sha256Hex(tagManifest.bytes);
}

/** One line for each file, in the order of their names, as `sha256sum` writes them. */
export function checksumText(files: readonly Checksum[]): string {
  return [...files]
    .sort(byPath)
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
    .join("");
}

/** Reads what `checksumText` writes; null for a line that it does not write. */
export function parseChecksums(text: string): readonly Checksum[] | null {
  if (text !== "" && !text.endsWith("\n")) return null;
  const lines = text.split("\n").slice(0, -1);
  const checksums = lines.map((line) => {
    const [, sha256, path] = /^([0-9a-f]{64}) {2}(\S.*)$/.exec(line) ?? [];
    return sha256 === undefined || path === undefined ? null : { path, sha256 };
  });
  return checksums.every((checksum) => checksum !== null) ? checksums : null;
}

/** The number of bytes and of files, as BagIt writes them. */
function oxumOf(payload: readonly HashedFile[]): string {
  return `${payload.reduce((sum, { size }) => sum + size, 0)}.${payload.length}`;
}

function textFile(path: string, text: string): BundleFile {
  return { path, bytes: new TextEncoder().encode(text) };
}
