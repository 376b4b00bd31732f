/** The few settings of a test run, read in one place. Tests pass everything else on to programs explicitly. */
export const testEnvironment = {
  /** `executable` lets the programs under test be ./dist/jejakekal instead of the source. */
  runner: process.env.JEJAKEKAL_TEST_RUNNER,
  /** `1` says that ./dist is current: the programs under test on Node are then ./dist/node instead of the source. */
  isBuilt: process.env.JEJAKEKAL_TEST_BUILT === "1",
  /** How often eight programs are launched at once on an empty database. */
  launches: Number(process.env.LAUNCHES ?? "1"),
  /** Which programs are killed, and when, in the proof with many of them. */
  chaosSeed: Number(process.env.CHAOS_SEED ?? "20261124"),
  /** Write infra/schema.sql anew instead of comparing with it. */
  updateSchema: process.env.UPDATE_SCHEMA === "1",
  /** Store screenshots of pages in .cache/ui-screenshots, for people to look at. */
  screenshots: process.env.JEJAKEKAL_TEST_SCREENSHOTS === "1",
  /** The variables that a child process needs to find programs; it gets no other settings of the user. */
  inherited: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" },
} as const;
