import type { Writable } from "node:stream";
import { Client, type Connection, type Submittable } from "pg";
import { endSession } from "../server/probe-port.ts";
import { formatServerMessage, type ServerMessage } from "./error.ts";
import { type Column, formatTable } from "./table.ts";

/** `aligned`: as psql prints by default. `bare`: as with `-At`, rows only, with `|` between fields. */
export type TableStyle = "aligned" | "bare";

export interface Output {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/**
 * Sends each query as one string, which may hold several statements, and prints the results as psql does. A failed query
 * does not stop the next one. Resolves to true when none failed. Rejects when the connection fails.
 */
export async function runQueries(
  url: string,
  queries: readonly string[],
  style: TableStyle,
  output: Output,
): Promise<boolean> {
  const session = new Client({ connectionString: url, application_name: "psql" });
  let sql = "";
  session.on("error", () => {});
  session.on("notice", (notice) => output.stderr.write(formatServerMessage(notice, sql)));
  try {
    await session.connect();
    let isWell = true;
    for (sql of queries) isWell = (await printQuery(session, sql, style, output)) && isWell;
    return isWell;
  } finally {
    endSession(session);
  }
}

async function printQuery(session: Client, sql: string, style: TableStyle, output: Output): Promise<boolean> {
  const query = new PrintedQuery(sql, style, output);
  session.query(query);
  const error = await query.done;
  if (error === null) return true;
  if (!("severity" in error)) throw error;
  output.stderr.write(formatServerMessage(error as ServerMessage, sql));
  return false;
}

/**
 * A query that prints each result when it is complete. pg's own query class keeps only the first word of a command tag,
 * drops the results before an error and parses values; this one reads the protocol's messages, as pg-cursor does.
 */
class PrintedQuery implements Submittable {
  readonly #sql: string;
  readonly #style: TableStyle;
  readonly #output: Output;
  readonly #end = Promise.withResolvers<Error | null>();
  #error: Error | null = null;
  #columns: readonly Column[] | null = null;
  #rows: (string | null)[][] = [];

  constructor(sql: string, style: TableStyle, output: Output) {
    this.#sql = sql;
    this.#style = style;
    this.#output = output;
  }

  get done(): Promise<Error | null> {
    return this.#end.promise;
  }

  submit(connection: Connection): void {
    connection.query(this.#sql);
  }

  handleRowDescription({ fields }: { fields: readonly { name: string; dataTypeID: number }[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
    this.#rows = [];
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text: tag }: { text: string }): void {
    const { stdout } = this.#output;
    if (this.#columns !== null) stdout.write(this.#format(this.#columns));
    if (this.#columns === null || /^(INSERT|UPDATE|DELETE|MERGE)\b/.test(tag)) stdout.write(`${tag}\n`);
    this.#columns = null;
  }

  #format(columns: readonly Column[]): string {
    if (this.#style === "aligned") return formatTable(columns, this.#rows);
    return this.#rows.map((row) => `${row.map((value) => value ?? "").join("|")}\n`).join("");
  }

  handleEmptyQuery(): void {}

  /** After an error of the server pg does not pass on ReadyForQuery; after a lost connection there is none. */
  handleError(error: Error): void {
    this.#error = error;
    this.#end.resolve(error);
  }

  handleReadyForQuery(): void {
    this.#end.resolve(this.#error);
  }
}
