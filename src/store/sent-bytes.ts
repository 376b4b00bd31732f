import type { Queryable } from "./database.ts";

/** Longer bytes are sent in parts. */
const LARGE_BYTES = 4 * 2 ** 20;
const PART_BYTES = 2 ** 18;

/** Bytes that are not in memory, and are read in parts: `readInto` fills `part` with those from `start` on. */
export type StoredElsewhere = Readonly<{
  length: number;
  readInto(part: Uint8Array, start: number): Promise<void>;
}>;

export type BytesToSend = Uint8Array | StoredElsewhere;

/** Whether bytes are sent in parts before the statement that takes them, each of which is answered. */
export function areSentInParts(bytes: BytesToSend): boolean {
  return !(bytes instanceof Uint8Array) || bytes.length > LARGE_BYTES;
}

/** Bytes as two parameters of a statement: themselves, or the oid of the large object that holds them in the transaction. The other is null. */
export type SentBytes = readonly [bytes: Uint8Array | null, largeObject: number | null];

/** The SQL expression for bytes that are sent as these two parameters. */
export function sentBytes(bytes: `$${number}`, largeObject: `$${number}`): string {
  return `coalesce(${bytes}::bytea, lo_get(${largeObject}::oid))`;
}

/**
 * Runs a statement with bytes as a parameter, within a transaction. A parameter is in memory several times, in the driver and in the
 * server, and the driver writes it without a turn for other work. Many megabytes are therefore sent in parts before, into a large
 * object that the transaction removes again.
 */
export async function withSentBytes<Result>(
  db: Queryable,
  bytes: BytesToSend,
  run: (sent: SentBytes) => Promise<Result>,
): Promise<Result> {
  if (bytes instanceof Uint8Array && !areSentInParts(bytes)) return run([bytes, null]);
  const largeObject = await sendInParts(db, bytes);
  const result = await run([null, largeObject]);
  await db.query({ name: "remove-large-object", text: "select lo_unlink($1)", values: [largeObject] });
  return result;
}

type ReadPart = (start: number, end: number) => Promise<Uint8Array>;

/** A part is valid until the next one is read: new memory for each would be as much garbage as all of them. */
function partReader(bytes: BytesToSend): ReadPart {
  if (bytes instanceof Uint8Array) return async (start, end) => bytes.subarray(start, end);
  const memory = Buffer.allocUnsafe(PART_BYTES);
  return async (start, end) => {
    const part = memory.subarray(0, end - start);
    await bytes.readInto(part, start);
    return part;
  };
}

async function sendInParts(db: Queryable, bytes: BytesToSend): Promise<number> {
  const { rows } = await db.query<{ oid: number }>("select lo_create(0) as oid");
  const oid = rows[0]?.oid;
  if (oid === undefined) throw new Error("the database made no large object");
  const readPart = partReader(bytes);
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    const part = await readPart(at, Math.min(at + PART_BYTES, bytes.length));
    await db.query({ name: "send-part", text: "select lo_put($1, $2, $3)", values: [oid, at, part] });
  }
  return oid;
}
