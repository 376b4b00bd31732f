import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { sha256Hex } from "../../sha256.ts";
import { artifactPathOf, CITATIONS } from "../layout.ts";
import { type BundleValues, type OperationOutput, SCHEMAS, type ToolIo } from "../shapes.ts";
import {
  type ByteSource,
  type CanonicalFault,
  type MemberPlace,
  type Place,
  scanCanonical,
  type Wanted,
} from "./canonical.ts";
import type { Finding } from "./check.ts";

/** The files of a bundle, wherever they are. */
export type BundleReader = Readonly<{
  /** In the order of their names. `crc32`: the checksum that the container has for the file. */
  files: readonly Readonly<{ path: string; size: number; crc32?: number }>[];
  /** What is wrong with the folder or zip file that holds them. */
  faults: readonly Finding[];
  /**
   * Reads from the byte `at` of one of these files into `buffer`. Returns how many bytes it read: fewer than asked for at the end of
   * the file only.
   */
  read(path: string, buffer: Uint8Array, at: number): number;
}>;

/** A file that was read once, as a whole. Its bytes are not kept: they are read again where they are needed. */
export type ReadFile = Readonly<{
  path: string;
  size: number;
  sha256: string;
  /** The CRC-32 when the container has another one; null when it is the same, or the container has none. */
  wrongCrc32: number | null;
  /** Of a JSON file: where it is not canonical. */
  fault: CanonicalFault | null;
  /** Of a JSON file that is an object: where its members are. */
  members: ReadonlyMap<string, MemberPlace>;
  /** Of `citations.json`: where each citation is. */
  elements: readonly Place[];
  /** All bytes. @throws Error when they are not those that were hashed */
  read(): Uint8Array;
  /** The bytes from `start` to before `end`; fewer where the file ends. */
  readRange(start: number, end: number): Uint8Array;
}>;

/** The files of a bundle whose JSON was read and has its shape. */
export type BundleContents = Readonly<{
  files: ReadonlyMap<string, ReadFile>;
  values: BundleValues;
  operations: readonly OperationOutput[];
  /** What people decided about doubtful passages. */
  reviews: ToolIo["journal"];
  /** The event with which document and artifacts were erased; empty when they were not. */
  erasure: ToolIo["journal"];
  artifactFile(type: string): ReadFile | null;
  /** Parsed each time; null when there is none, or it is no JSON. */
  artifact(type: string): unknown;
  artifactBytes(type: string): Uint8Array | null;
  /** One member of an artifact that is an object; undefined when there is none. The others are not parsed. */
  artifactMember(type: string, key: string): unknown;
}>;

/**
 * Reads and hashes every file once, in parts.
 * @param findWantedIds the ids of elements that the scans of JSON files are to find, by the memo
 */
export function readFiles(
  reader: BundleReader,
  findWantedIds: (memo: ReadFile) => ReadonlySet<string>,
): ReadonlyMap<string, ReadFile> {
  const memoPath = artifactPathOf("memo");
  const memoFile = reader.files.find(({ path }) => path === memoPath);
  const memo = memoFile === undefined ? null : readFile(reader, memoFile, { citations: true });
  const wantedIds = memo === null || memo.fault !== null ? new Set<string>() : findWantedIds(memo);
  const files = new Map<string, ReadFile>();
  for (const file of reader.files) {
    const isMemo = memo !== null && file.path === memoPath;
    const wanted = file.path === CITATIONS ? { citations: true } : { ids: wantedIds };
    files.set(file.path, isMemo ? memo : readFile(reader, file, wanted));
  }
  return files;
}

/** How much of a file is read at a time. */
const PART_BYTES = 256 * 1024;

const NOT_JSON = { fault: null, members: new Map<string, MemberPlace>(), elements: [] };

function readFile(
  reader: BundleReader,
  { path, size, crc32: statedCrc32 }: BundleReader["files"][number],
  wanted: Wanted,
): ReadFile {
  const hash = createHash("sha256");
  let [length, checksum] = [0, 0];
  const readPart = (buffer: Uint8Array, at: number) => {
    const count = reader.read(path, buffer, at);
    const part = buffer.subarray(0, count);
    hash.update(part);
    if (statedCrc32 !== undefined) checksum = crc32(part, checksum);
    length += count;
    return count;
  };
  const windowBytes = Math.min(Math.max(size + 1, MIN_WINDOW_BYTES), PART_BYTES);
  const scan = isJson(path) ? scanCanonical({ read: readPart }, wanted, windowBytes) : NOT_JSON;
  // The rest after a fault, or all of a file that is no JSON.
  const buffer = new Uint8Array(windowBytes);
  while (readPart(buffer, length) === buffer.length);
  const sha256 = hash.digest("hex");
  const readRange = createRangeReader((range, at) => reader.read(path, range, at), length);
  const read = () => {
    const bytes = readRange(0, length);
    if (sha256Hex(bytes) !== sha256) throw new Error(`${path} has changed since it was verified`);
    return bytes;
  };
  return {
    ...scan,
    path,
    size: length,
    sha256,
    wrongCrc32: statedCrc32 === undefined || statedCrc32 === checksum ? null : checksum,
    readRange,
    read,
  };
}

/** Ranges that follow one another closely are read together. */
const READ_AHEAD_BYTES = 16 * 1024;

/** A reader of a document follows the text, the blocks and the citations at the same time, so the last parts that were read are kept. */
const KEPT_PARTS = 4;

function createRangeReader(read: ByteSource["read"], length: number): ReadFile["readRange"] {
  const kept: { start: number; bytes: Uint8Array }[] = [];
  const readNow = (start: number, count: number) => {
    const range = new Uint8Array(Math.max(0, Math.min(count, length - start)));
    return range.subarray(0, read(range, start));
  };
  return (start, end) => {
    if (end - start > READ_AHEAD_BYTES) return readNow(start, end - start);
    let part = kept.find((one) => one.start <= start && end <= one.start + one.bytes.length);
    if (part === undefined) {
      part = { start, bytes: readNow(start, READ_AHEAD_BYTES) };
      kept.unshift(part);
      kept.length = Math.min(kept.length, KEPT_PARTS);
    }
    return part.bytes.subarray(start - part.start, end - part.start);
  };
}

/** A scan needs some bytes before those that it looks at. */
const MIN_WINDOW_BYTES = 1024;

export function isJson(path: string): boolean {
  return /\.jsonl?$/.test(path);
}

/** Parses the JSON files that have a schema. `contents` is null when one of those that the other checks need has findings. */
export function parseContents(
  files: ReadonlyMap<string, ReadFile>,
): Readonly<{ contents: BundleContents | null; findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const parse = <Path extends keyof typeof SCHEMAS>(path: Path) => {
    const file = files.get(path);
    if (file === undefined) return undefined;
    const result = SCHEMAS[path].safeParse(parseJson(file.read()));
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    findings.push({
      file: path,
      field: `/${issue?.path.join("/")}`,
      reason: issue?.message ?? "has another shape",
    });
    return undefined;
  };
  const manifest = parse("manifest.json");
  const artifacts = parse("artifacts.json");
  const timeline = parse("timeline.json");
  const toolIo = parse("tool-io.json");
  const workflowStatus = parse("workflow_status.json");
  const operations = parse("operation_outputs.json");
  const reviews = parse("reviews.json") ?? [];
  const erasure = parse("erasure.json") ?? [];
  findings.push(...checkCitationShapes(files.get(CITATIONS)));
  parse("ro-crate-metadata.json");
  parse("attestations/statement.json");
  const isWhole =
    manifest !== undefined &&
    artifacts !== undefined &&
    timeline !== undefined &&
    toolIo !== undefined &&
    workflowStatus !== undefined &&
    operations !== undefined;
  if (!isWhole) return { contents: null, findings };
  const values = { manifest, artifacts, timeline, toolIo, workflowStatus } as BundleValues;
  const artifactFile = (type: string) => files.get(artifactPathOf(type)) ?? null;
  const artifactBytes = (type: string) => artifactFile(type)?.read() ?? null;
  return {
    findings,
    contents: {
      files,
      values,
      operations: operations as readonly OperationOutput[],
      reviews: reviews as ToolIo["journal"],
      erasure: erasure as ToolIo["journal"],
      artifactFile,
      artifactBytes,
      artifactMember: (type, key) => parseMember(artifactFile(type), key),
      artifact: (type) => parseJson(artifactBytes(type) ?? new Uint8Array()),
    },
  };
}

/** Each citation on its own: a large document has many. */
function checkCitationShapes(file: ReadFile | undefined): readonly Finding[] {
  if (file === undefined) return [];
  if (file.readRange(0, 1)[0] !== OPEN_BRACKET)
    return [{ file: CITATIONS, field: "/", reason: "is no list" }];
  const index = file.elements.findIndex(({ start }) => file.readRange(start, start + 1)[0] !== OPEN_BRACE);
  return index === -1 ? [] : [{ file: CITATIONS, field: `/${index}`, reason: "is no citation" }];
}

const [OPEN_BRACKET, OPEN_BRACE] = [0x5b, 0x7b];

function parseMember(file: ReadFile | null, key: string): unknown {
  const place = file?.members.get(key);
  return file == null || place === undefined ? undefined : parseAt(file, place);
}

/** The value at a place in a file that was found canonical: these bytes are known to be JSON in UTF-8. */
export function parseAt(file: ReadFile, { start, end }: Place): unknown {
  const { buffer, byteOffset, length } = file.readRange(start, end);
  return JSON.parse(Buffer.from(buffer, byteOffset, length).toString());
}

const STRICT_DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** null for what is no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(STRICT_DECODER.decode(bytes));
  } catch {
    return null;
  }
}
