/** `COPY` between a table and a stream of chunks. The package pg has the messages of the protocol and no function for them. */
import { once } from "node:events";
import type pg from "pg";

/** The messages of pg's connection that its types leave out. */
type CopyConnection = pg.Connection &
  Readonly<{
    sendCopyFromChunk(chunk: Buffer): void;
    endCopyFrom(): void;
    sendCopyFail(reason: string): void;
  }>;

/** What pg calls with the messages that arrive for the active statement. */
abstract class CopyStatement {
  readonly #done = Promise.withResolvers<void>();
  readonly #sql: string;
  #error: Error | null = null;

  constructor(sql: string) {
    this.#sql = sql;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  submit(connection: pg.Connection): void {
    // The types of pg describe `query` of a connection as that of a client.
    (connection as unknown as { query(sql: string): void }).query(this.#sql);
  }

  protected fail(error: Error): void {
    this.#error ??= error;
  }

  handleError(error: Error): void {
    this.fail(error);
    this.#done.reject(this.#error);
  }

  handleReadyForQuery(): void {
    if (this.#error === null) this.#done.resolve();
    else this.#done.reject(this.#error);
  }

  handleCommandComplete(): void {}
}

class CopyOut extends CopyStatement {
  readonly #write: (chunk: Buffer) => Promise<void>;
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(sql: string, write: (chunk: Buffer) => Promise<void>) {
    super(sql);
    this.#write = write;
  }

  /** Resolves when the last chunk is written; rejects when one was not. */
  async finish(): Promise<void> {
    await this.done;
    await this.#writing;
  }

  handleCopyData({ chunk }: { chunk: Buffer }, connection: pg.Connection): void {
    this.#waiting += 1;
    // Stops reading from the server until the file has taken what arrived.
    connection.stream.pause();
    // pg reuses the memory of the chunk.
    const copy = Buffer.from(chunk);
    this.#writing = this.#writing
      .then(() => this.#write(copy))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#waiting === 0) connection.stream.resume();
      });
    // `finish` reports the failure, when the statement has ended.
    this.#writing.catch(() => undefined);
  }
}

class CopyIn extends CopyStatement {
  readonly #chunks: AsyncIterable<Buffer>;

  constructor(sql: string, chunks: AsyncIterable<Buffer>) {
    super(sql);
    this.#chunks = chunks;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.#send(connection).then(
      () => connection.endCopyFrom(),
      (error: Error) => {
        this.fail(error);
        connection.sendCopyFail("the file cannot be read");
      },
    );
  }

  async #send(connection: CopyConnection): Promise<void> {
    for await (const chunk of this.#chunks) {
      connection.sendCopyFromChunk(chunk);
      if (connection.stream.writableNeedDrain) await once(connection.stream, "drain");
    }
  }
}

/** Calls `write` with each chunk that `copy … to stdout` gives, one after another. */
export async function copyOut(
  client: pg.Client,
  sql: string,
  write: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  const statement = new CopyOut(sql, write);
  client.query(statement);
  await statement.finish();
}

/** Sends all of `chunks` to `copy … from stdin`. */
export async function copyIn(client: pg.Client, sql: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const statement = new CopyIn(sql, chunks);
  client.query(statement);
  await statement.done;
}
