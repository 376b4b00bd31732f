import type { Connection, Queryable } from "../store/index.ts";

/** Statements of this program that are to be committed together with a record of DBOS's. */
export type Write<Result> = (db: Queryable) => Promise<Result>;

/** Statements that are sent one behind the other on a connection, of which nobody awaits the answers yet. */
export class SentStatements {
  readonly #client: Pick<Connection, "query">;
  readonly #answers: Promise<unknown>[] = [];
  /** The longest `query_timeout` of a write. */
  #timeoutMs = 0;

  constructor(client: Pick<Connection, "query">) {
    this.#client = client;
  }

  /** For statements behind a write: they are answered after it, so each may take as long. */
  readonly behind: Queryable = {
    query: ((first: unknown, ...values: readonly unknown[]) =>
      this.#timeoutMs === 0
        ? this.#query(first, ...values)
        : this.#query({
            ...(typeof first === "string" ? { text: first, values: values[0] } : (first as object)),
            query_timeout: this.#timeoutMs,
          })) as Queryable["query"],
  };

  add(answer: Promise<unknown>): void {
    // A caller that fails between two statements awaits none of them.
    answer.catch(() => undefined);
    this.#answers.push(answer);
  }

  /** @throws the error of a `write` that sends nothing, and Error when it sends nothing at once: its statements would follow the commit */
  async addAll(write: Write<unknown>): Promise<void> {
    let isSending = true;
    let count = 0;
    const query = (...args: readonly unknown[]): unknown => {
      if (!isSending)
        return Promise.reject(new Error("a statement came after the record that it was to precede"));
      count += 1;
      this.#timeoutMs = Math.max(this.#timeoutMs, timeoutOf(args[0]));
      return this.#query(...args);
    };
    const answer = write({ query: query as Queryable["query"] });
    this.add(answer);
    isSending = false;
    if (count > 0) return;
    await answer;
    throw new Error("a write sent no statement to be recorded with");
  }

  /** Fails with the first error in the order of the statements. */
  async outcome(): Promise<void> {
    for (const outcome of await Promise.allSettled(this.#answers)) {
      if (outcome.status === "rejected") throw outcome.reason;
    }
  }

  #query(...args: readonly unknown[]): unknown {
    return (this.#client.query as (...args: unknown[]) => unknown).apply(this.#client, [...args]);
  }
}

function timeoutOf(query: unknown): number {
  const isSized = typeof query === "object" && query !== null && "query_timeout" in query;
  return isSized && typeof query.query_timeout === "number" ? query.query_timeout : 0;
}
