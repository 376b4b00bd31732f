import { createHash } from "node:crypto";
import { sha256Hex } from "../sha256.ts";
import type { Queryable } from "./database.ts";
import { sizedQuery } from "./pool.ts";

/** The result of reading a blob. Only bytes that are `sound` leave the store. */
export type BlobRead =
  | Readonly<{ state: "sound"; bytes: Uint8Array }>
  | Readonly<{ state: "missing" }>
  | Readonly<{ state: "altered" }>;

/**
 * A blob of more bytes is read in parts. Read as one value, both the server and the driver hold it several times, in part as hex; and on
 * Bun the driver takes up to 0.1 s to decode a mebibyte of it, in which this process does nothing else.
 */
const PART_BYTES = 2 ** 17;

/** Reads bytes by their sha256 and checks that they still are what their name says. */
export async function readBlob(db: Queryable, sha256: string): Promise<BlobRead> {
  const size = await findSize(db, sha256);
  if (size === null) return { state: "missing" };
  if (size > PART_BYTES) return readInParts(db, sha256, size);
  const { rows } = await db.query<{ bytes: Buffer }>(
    sizedQuery(size, {
      name: "read-blob",
      text: "select bytes from jejakekal.blob where sha256 = $1",
      values: [sha256],
    }),
  );
  const bytes = rows[0]?.bytes;
  if (bytes === undefined) return { state: "missing" };
  return checkBlob(sha256, bytes);
}

async function readInParts(db: Queryable, sha256: string, size: number): Promise<BlobRead> {
  const bytes = Buffer.allocUnsafe(size);
  const hash = createHash("sha256");
  for (let at = 0; at < size; ) {
    const part = await readBlobPart(db, sha256, at, Math.min(PART_BYTES, size - at));
    // The blob was erased after its size was read.
    if (part.length === 0) return { state: "missing" };
    bytes.set(part, at);
    hash.update(part);
    at += part.length;
  }
  return hash.digest("hex") === sha256 ? { state: "sound", bytes } : { state: "altered" };
}

/** `length` bytes of a blob from `start`, fewer at its end; none when it is missing. Nothing checks their hash. */
export async function readBlobPart(
  db: Queryable,
  sha256: string,
  start: number,
  length: number,
): Promise<Uint8Array> {
  const { rows } = await db.query<{ part: Buffer }>({
    name: "read-blob-part",
    // The column is stored without compression, so Postgres reads only the part.
    text: "select substring(bytes from $2 for $3) as part from jejakekal.blob where sha256 = $1",
    values: [sha256, start + 1, length],
  });
  return rows[0]?.part ?? new Uint8Array();
}

/** Reads several small blobs in one statement. Those that are missing are left out. */
export async function readBlobs(
  db: Queryable,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, BlobRead>> {
  const { rows } = await db.query<{ sha256: string; bytes: Buffer }>({
    name: "read-blobs",
    text: "select sha256, bytes from jejakekal.blob where sha256 = any ($1)",
    values: [hashes],
  });
  return new Map(rows.map(({ sha256, bytes }) => [sha256, checkBlob(sha256, bytes)]));
}

function checkBlob(sha256: string, bytes: Uint8Array): BlobRead {
  return sha256Hex(bytes) === sha256 ? { state: "sound", bytes } : { state: "altered" };
}

async function findSize(db: Queryable, sha256: string): Promise<number | null> {
  const { rows } = await db.query<{ size: number }>({
    name: "find-blob-size",
    text: "select octet_length(bytes) as size from jejakekal.blob where sha256 = $1",
    values: [sha256],
  });
  return rows[0]?.size ?? null;
}

/** How many bytes are stored under this sha256, as the database itself checks them; null when they are missing or altered. */
export async function measureBlob(db: Queryable, sha256: string): Promise<number | null> {
  const { rows } = await db.query<{ bytes: number }>({
    name: "measure-blob",
    text: `
      select octet_length(bytes) as bytes from jejakekal.blob
       where sha256 = $1 and encode(sha256(bytes), 'hex') = $1`,
    values: [sha256],
  });
  return rows[0]?.bytes ?? null;
}
