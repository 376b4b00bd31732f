import { after, before } from "node:test";
import { cloneDatabase, type TestDatabase } from "./database.ts";
import { type ProgramOptions, startProgram, type TestProgram } from "./program.ts";

/** The options of a test that starts processes or waits for them; Bun gives a test 5 s, whatever its suite says. */
export const slow = { timeout: 240_000 } as const;

/** A program on a database of its own, for the tests of one `describe`. Ready once its first test runs. */
export type Service = Readonly<{ database: TestDatabase; program: TestProgram; url: string }>;

/** To be called in the body of a `describe`: starts a service before its tests and takes it down after them. */
export function useService(options: Omit<ProgramOptions, "database"> = {}): Service {
  const undo = new AsyncDisposableStack();
  let made: { database: TestDatabase; program: TestProgram } | null = null;
  before(async () => {
    const database = undo.use(await cloneDatabase());
    made = { database, program: undo.use(await startProgram({ ...options, database })) };
  }, slow);
  after(() => undo.disposeAsync(), slow);
  const started = () => {
    if (made === null) throw new Error("the service starts before the first test, not before");
    return made;
  };
  return {
    get database() {
      return started().database;
    },
    get program() {
      return started().program;
    },
    get url() {
      return started().program.url;
    },
  };
}
