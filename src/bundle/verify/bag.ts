import { parseChecksums } from "../bag.ts";
import {
  ATTESTATIONS_FOLDER,
  artifactPathOf,
  BAG_INFO,
  BAGIT,
  COURSE_FILES,
  ENVELOPE,
  ERASURE,
  PAYLOAD_FOLDER,
  PAYLOAD_MANIFEST,
  REPORT,
  REVIEWS,
  RO_CRATE,
  STATEMENT,
  TAG_MANIFEST,
} from "../layout.ts";
import type { Manifest } from "../shapes.ts";
import type { Finding } from "./check.ts";
import type { ReadFile } from "./contents.ts";

/** The files that every bundle has, beside its payload. */
const REQUIRED: readonly string[] = [
  ...COURSE_FILES,
  BAGIT,
  BAG_INFO,
  PAYLOAD_MANIFEST,
  TAG_MANIFEST,
  RO_CRATE,
  REPORT,
];

const PAYLOAD_PATH = /^data\/artifacts\/(?:raw|([a-z][a-z0-9-]*)\.json)$/;

/** Every file that a bundle must have is there, and no other. */
export function checkFiles(
  paths: readonly string[],
  manifest: Pick<Manifest, "partial"> | null,
): readonly Finding[] {
  const present = new Set(paths);
  const required = manifest?.partial === false ? [...REQUIRED, STATEMENT] : REQUIRED;
  const missing = required.filter((path) => !present.has(path));
  const isEarlier = missing.includes(BAGIT) && missing.includes(TAG_MANIFEST);
  const reason = isEarlier
    ? "is missing: files were removed, or the bundle is of the first layout"
    : "is missing";
  const allowed = new Set([...REQUIRED, REVIEWS, ERASURE, STATEMENT, ENVELOPE]);
  const isAllowed = (path: string) =>
    manifest?.partial === true && path.startsWith(ATTESTATIONS_FOLDER)
      ? false
      : allowed.has(path) || PAYLOAD_PATH.test(path);
  return [
    ...missing.map((file) => ({ file, reason })),
    ...paths
      .filter((path) => !isAllowed(path))
      .map((file) => ({ file, reason: "is no file of such a bundle" })),
  ];
}

/** Both checksum files list exactly the files that they are for, once each, in order, and their hashes are those of the bytes. */
export function checkChecksums(files: ReadonlyMap<string, ReadFile>): readonly Finding[] {
  const payload = [...files.keys()].filter((path) => path.startsWith(PAYLOAD_FOLDER));
  const tags = [...files.keys()].filter(
    (path) =>
      path !== TAG_MANIFEST && !path.startsWith(PAYLOAD_FOLDER) && !path.startsWith(ATTESTATIONS_FOLDER),
  );
  return [...checkList(files, PAYLOAD_MANIFEST, payload), ...checkList(files, TAG_MANIFEST, tags)];
}

function checkList(
  files: ReadonlyMap<string, ReadFile>,
  list: string,
  expected: readonly string[],
): readonly Finding[] {
  const file = files.get(list);
  if (file === undefined) return [{ file: list, reason: "is missing" }];
  const checksums = parseChecksums(Buffer.from(file.read()).toString("latin1"));
  if (checksums === null) return [{ file: list, reason: "has a line that is no checksum of a file" }];
  const listed = checksums.map(({ path }) => path);
  const isSorted = listed.every((path, index) => index === 0 || (listed[index - 1] ?? "") < path);
  return [
    ...(isSorted ? [] : [{ file: list, reason: "lists files twice or in another order" }]),
    ...expected
      .filter((path) => !listed.includes(path))
      .map((path) => ({ file: path, reason: `is not listed in ${list}` })),
    ...checksums.flatMap(({ path, sha256 }) => {
      const found = files.get(path);
      if (found === undefined || !expected.includes(path)) {
        return [{ file: list, field: path, reason: "is listed and is not there" }];
      }
      if (found.sha256 === sha256) return [];
      return [{ file: path, reason: `has the sha256 ${found.sha256}, and ${list} says ${sha256}` }];
    }),
  ];
}

/** The path of each artifact that is listed must be there, and no other. */
export function payloadPathsOf(types: readonly string[]): readonly string[] {
  return types.map(artifactPathOf).sort();
}
