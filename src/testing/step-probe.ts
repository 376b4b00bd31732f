import type pg from "pg";
import { ARTIFACTS } from "../domain/artifact.ts";
import { RUN_STEPS, type RunStep } from "../domain/run.ts";
import { pollUntil } from "../poll.ts";
import type { TestDatabase } from "./database.ts";

/**
 * A moment of a run as the database sees it: a step's artifact is about to be stored (`work`), DBOS is about to record the step
 * (`record`), or an effect's intent or receipt is about to be written.
 */
export type StepMoment = `work ${RunStep}` | `record ${RunStep}` | "intent" | "receipt";

/** All moments of a run in their order. Every step is recorded; those that make an artifact also store it. */
export const STEP_MOMENTS: readonly StepMoment[] = RUN_STEPS.flatMap((step): StepMoment[] => [
  ...(Object.values(ARTIFACTS).some(({ producerStep }) => producerStep === step)
    ? [`work ${step}` as const]
    : []),
  ...(step === "side-effect" ? (["intent", "receipt"] as const) : []),
  `record ${step}`,
]);

/** Counts in the database how often runs reach each moment, and can hold a run at a moment. */
export type StepProbe = Readonly<{
  /** From now on the run waits at this moment, inside the statement that reaches it. */
  hold(runId: string, moment: StepMoment): Promise<void>;
  /** Waits until every run that is to be held is waiting. */
  allHeld(): Promise<void>;
  /** Ends every session of the killed program, so that none of its statements is committed later. */
  cutSessions(): Promise<void>;
  releaseAll(): Promise<void>;
  /** How often each moment was reached, whether or not its transaction was committed. */
  passes(runId: string): Promise<Readonly<Record<string, number>>>;
}>;

/** The class of the advisory locks of the probe: any number that the program does not use. */
const HOLD_CLASS = 7_310_200;

/** Installs triggers in the test's database, without the program's knowledge. Only runs in `runIds` are counted. */
export async function installStepProbe(
  database: TestDatabase,
  runIds: readonly string[],
): Promise<StepProbe> {
  await database.query(TRIGGERS);
  await database.query(countersFor(runIds));
  const holder = await database.connect();
  let held = 0;
  return {
    async hold(runId, moment) {
      await holder.query("select pg_advisory_lock($1, hashtext($2))", [HOLD_CLASS, `${runId} ${moment}`]);
      held += 1;
    },
    allHeld: async () => {
      await pollUntil(`${held} runs are held`, async () => (await countWaiting(holder)) === held, {
        timeoutMs: 30_000,
      });
    },
    cutSessions: () => cutSessions(database),
    async releaseAll() {
      await holder.query("select pg_advisory_unlock_all()");
      held = 0;
    },
    async passes(runId) {
      const rows = await database.query<{ moment: string; passes: number }>(
        `select substr(sequencename, length($1) + 2) as moment, last_value::int as passes
           from pg_sequences
          where schemaname = 'probe' and starts_with(sequencename, $1 || ' ') and last_value is not null`,
        [runId],
      );
      return Object.fromEntries(rows.map(({ moment, passes }) => [moment, passes]));
    },
  };
}

async function countWaiting(session: pg.Client): Promise<number> {
  // Each run once: a statement that the program has given up waits on, beside the one that was sent instead.
  const { rows } = await session.query<{ waiting: number }>(
    `select count(distinct l.objid)::int as waiting
       from pg_locks l
       join pg_database d on d.oid = l.database and d.datname = current_database()
      where l.locktype = 'advisory' and l.classid = $1 and not l.granted`,
    [HOLD_CLASS],
  );
  return rows[0]?.waiting ?? 0;
}

async function cutSessions(database: TestDatabase): Promise<void> {
  const cut = async () => {
    const rows = await database.query(
      `select pg_terminate_backend(pid)
         from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and application_name not like 'test%'`,
    );
    return rows.length === 0;
  };
  await pollUntil("the dead program has no session left", cut);
}

/** Counted with sequences, because what a sequence counts stays counted when its transaction is undone. */
function countersFor(runIds: readonly string[]): string {
  return runIds
    .flatMap((runId) => STEP_MOMENTS.map((moment) => `create sequence probe."${runId} ${moment}";`))
    .join("\n");
}

/** The rows' triggers come before the check for conflicts, so a repetition that stores nothing new is counted as well. */
const TRIGGERS = `
  create schema probe;
  create function probe.pass() returns trigger language plpgsql as $$
  declare
    row_of jsonb := to_jsonb(new);
    moment text := concat_ws(' ', row_of ->> tg_argv[0], tg_argv[1], row_of ->> tg_argv[2]);
    counter regclass := to_regclass(format('probe.%I', moment));
  begin
    if counter is not null then
      perform nextval(counter);
    end if;
    perform pg_advisory_xact_lock_shared(${HOLD_CLASS}, hashtext(moment));
    return new;
  end;
  $$;
  create trigger probe before insert on jejakekal.artifact
    for each row execute function probe.pass('run_id', 'work', 'producer_step');
  create trigger probe before insert on jejakekal.effect_intent
    for each row execute function probe.pass('run_id', 'intent', '');
  create trigger probe before insert on jejakekal.effect_receipt
    for each row execute function probe.pass('run_id', 'receipt', '');
  create trigger probe before insert on dbos.operation_outputs
    for each row execute function probe.pass('workflow_uuid', 'record', 'function_name');`;
