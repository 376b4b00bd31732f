import { sha256Hex } from "../sha256.ts";
import type { Queryable } from "./database.ts";
import { sizedQuery } from "./pool.ts";

/** What a read of a blob came to; only `sound` bytes are ever handed on. */
export type BlobRead =
  | Readonly<{ state: "sound"; bytes: Uint8Array }>
  | Readonly<{ state: "missing" }>
  | Readonly<{ state: "altered" }>;

/** Reads bytes by their sha256 and checks that they still are what their name says. */
export async function readBlob(db: Queryable, sha256: string): Promise<BlobRead> {
  const size = await findSize(db, sha256);
  if (size === null) return { state: "missing" };
  const { rows } = await db.query<{ bytes: Buffer }>(
    sizedQuery(size, {
      name: "read-blob",
      text: "select bytes from jejakekal.blob where sha256 = $1",
      values: [sha256],
    }),
  );
  const bytes = rows[0]?.bytes;
  if (bytes === undefined) return { state: "missing" };
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
