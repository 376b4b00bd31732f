import type { Writable } from "node:stream";
import { Client, type Connection, type Submittable } from "pg";
import { endSession } from "../server/probe-port.ts";
import { formatServerMessage, type ServerMessage } from "./error.ts";
import { formatTable, type TableStyle } from "./table.ts";

export interface PrintOptions extends TableStyle {
  /** `-q`: no command tags such as `UPDATE 1`. */
  readonly isQuiet: boolean;
}

export interface Output {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Sends each of `scripts` as one query string and prints what comes back as psql would. A failed one does not keep the
 * next from being sent. True when none failed. Rejects when the server cannot be reached or goes away.
 */
export async function runScripts(
  url: string,
  scripts: readonly string[],
  options: PrintOptions,
  output: Output,
): Promise<boolean> {
  const session = new Client({ connectionString: url, application_name: "psql" });
  let sql = "";
  session.on("error", () => {});
  session.on("notice", (notice) => output.stderr.write(formatServerMessage(notice, sql)));
  try {
    await session.connect();
    let areFine = true;
    for (sql of scripts) areFine = (await printQuery(session, sql, options, output)) && areFine;
    return areFine;
  } finally {
    endSession(session);
  }
}

/** True when the query succeeded; false after its error was printed. Rejects when the connection is lost. */
async function printQuery(
  session: Client,
  sql: string,
  options: PrintOptions,
  output: Output,
): Promise<boolean> {
  const query = new PrintedQuery(sql, options, output);
  session.query(query);
  const error = await query.done;
  if (error === null) return true;
  if (!("severity" in error)) throw error;
  output.stderr.write(formatServerMessage(error as ServerMessage, sql));
  return false;
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/**
 * A query that prints each result as it ends. pg's own query class keeps only the first word of a command tag and parses
 * values into JavaScript's types; this one sees the protocol's messages, which is what pg-cursor does, too.
 */
class PrintedQuery implements Submittable {
  readonly #sql: string;
  readonly #options: PrintOptions;
  readonly #output: Output;
  readonly #end = Promise.withResolvers<Error | null>();
  #error: Error | null = null;
  #fields: readonly Field[] | null = null;
  #rows: (string | null)[][] = [];

  constructor(sql: string, options: PrintOptions, output: Output) {
    this.#sql = sql;
    this.#options = options;
    this.#output = output;
  }

  get done(): Promise<Error | null> {
    return this.#end.promise;
  }

  submit(connection: Connection): void {
    connection.query(this.#sql);
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    this.#fields = fields;
    this.#rows = [];
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text: tag }: { text: string }): void {
    if (this.#fields) this.#output.stdout.write(this.#formatRows(this.#fields));
    const hasTag = this.#fields === null || /^(INSERT|UPDATE|DELETE|MERGE)\b/.test(tag);
    const isCopied = tag.startsWith("COPY") && this.#fields === null;
    if (hasTag && !isCopied && !this.#options.isQuiet) this.#output.stdout.write(`${tag}\n`);
    this.#fields = null;
  }

  #formatRows(fields: readonly Field[]): string {
    const columns = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
    return formatTable({ columns, rows: this.#rows }, this.#options);
  }

  handleEmptyQuery(): void {}

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.#output.stdout.write(chunk);
  }

  handleCopyInResponse(connection: Connection & { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail("COPY FROM STDIN needs psql on PATH");
  }

  /** After an error of the server comes ReadyForQuery, which pg no longer passes on; after a lost connection nothing. */
  handleError(error: Error): void {
    this.#error = error;
    this.#end.resolve(error);
  }

  handleReadyForQuery(): void {
    this.#end.resolve(this.#error);
  }
}
