import { isRecord } from "../../domain/serialized.ts";
import { sha256Hex } from "../../sha256.ts";
import { artifactPathOf } from "../layout.ts";
import { type BundleValues, type OperationOutput, SCHEMAS, type ToolIo } from "../shapes.ts";
import { type CanonicalFault, type MemberPlace, scanCanonical } from "./canonical.ts";
import type { Finding } from "./check.ts";

/** The files of a bundle, wherever they are. */
export type BundleReader = Readonly<{
  /** In the order of their names. */
  files: readonly Readonly<{ path: string; size: number }>[];
  /** What is wrong with the folder or zip file that holds them; complete once every file was read. */
  faults: readonly Finding[];
  /** The bytes of one of these files. */
  read(path: string): Promise<Uint8Array>;
}>;

/** A file as it was read. */
export type ReadFile = Readonly<{
  path: string;
  size: number;
  sha256: string;
  bytes: Uint8Array;
  /** Of a JSON file: where it is not canonical. */
  fault: CanonicalFault | null;
  /** Of a JSON file that is an object: where its members are. */
  members: ReadonlyMap<string, MemberPlace>;
}>;

/** The files of a bundle whose JSON was read and has its shape. */
export type BundleContents = Readonly<{
  files: ReadonlyMap<string, ReadFile>;
  values: BundleValues;
  operations: readonly OperationOutput[];
  /** What people decided about doubtful passages. */
  reviews: ToolIo["journal"];
  /** Parsed when it is first asked for; null when there is none, or it is no JSON. */
  artifact(type: string): unknown;
  artifactBytes(type: string): Uint8Array | null;
  /** One member of an artifact that is an object; undefined when there is none. The others are not parsed. */
  artifactMember(type: string, key: string): unknown;
  /** The elements with one of these ids of a member that is an array. The others are not parsed. */
  artifactElements(type: string, key: string, ids: ReadonlySet<string>): readonly JsonRecord[];
}>;

type JsonRecord = Readonly<Record<string, unknown>>;

/** Reads and hashes every file once. */
export async function readFiles(reader: BundleReader): Promise<ReadonlyMap<string, ReadFile>> {
  const files = new Map<string, ReadFile>();
  for (const { path } of reader.files) {
    const bytes = await reader.read(path);
    const scan = isJson(path) ? scanCanonical(bytes) : NOT_JSON;
    files.set(path, { path, size: bytes.length, sha256: sha256Hex(bytes), bytes, ...scan });
  }
  return files;
}

const NOT_JSON = { fault: null, members: new Map<string, MemberPlace>() };

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
    const result = SCHEMAS[path].safeParse(parseJson(file.bytes));
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
  parse("citations.json");
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
  const parsed = new Map<string, unknown>();
  const artifactBytes = (type: string) => files.get(artifactPathOf(type))?.bytes ?? null;
  return {
    findings,
    contents: {
      files,
      values,
      operations: operations as readonly OperationOutput[],
      reviews: reviews as ToolIo["journal"],
      artifactBytes,
      artifactMember: (type, key) => parseMember(files.get(artifactPathOf(type)), key),
      artifactElements: (type, key, ids) => parseElements(files.get(artifactPathOf(type)), key, ids),
      artifact(type) {
        if (!parsed.has(type)) parsed.set(type, parseJson(artifactBytes(type) ?? new Uint8Array()));
        return parsed.get(type);
      },
    },
  };
}

function parseMember(file: ReadFile | undefined, key: string): unknown {
  const place = file?.members.get(key);
  if (file === undefined || place === undefined) return undefined;
  // The scan has found that these bytes are JSON in UTF-8.
  return JSON.parse(bufferOf(file.bytes).toString("utf8", place.start, place.end));
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

const ID_KEY = Buffer.from('"id":"');
const QUOTE = 0x22;

function parseElements(
  file: ReadFile | undefined,
  key: string,
  ids: ReadonlySet<string>,
): readonly JsonRecord[] {
  if (file === undefined) return [];
  return findElements(file.bytes, file.members, key, ids).map(({ element }) => element);
}

/**
 * The elements with one of these ids of a member that is an array, with their indexes. In canonical JSON the first `"id":` of an element
 * is its own, when no member before it is an object with one.
 */
export function findElements(
  json: Uint8Array,
  members: ReadonlyMap<string, MemberPlace>,
  key: string,
  ids: ReadonlySet<string>,
): readonly Readonly<{ index: number; element: JsonRecord }>[] {
  const place = members.get(key);
  if (place === undefined) return [];
  const bytes = bufferOf(json);
  return place.elementStarts.flatMap((start, index) => {
    // The element ends before a comma or the bracket.
    const end = (place.elementStarts[index + 1] ?? place.end) - 1;
    const idStart = bytes.indexOf(ID_KEY, start) + ID_KEY.length;
    if (idStart < start || idStart > end) return [];
    if (!ids.has(bytes.toString("latin1", idStart, bytes.indexOf(QUOTE, idStart)))) return [];
    const element = parseJson(bytes.subarray(start, end));
    return isRecord(element) ? [{ index, element }] : [];
  });
}

/** null for what is no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return null;
  }
}
