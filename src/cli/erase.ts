import { Command } from "commander";
import { parseRunId } from "../domain/run.ts";
import { parseErase } from "../domain/run-change.ts";
import { type Duration, parseDuration } from "../duration.ts";
import { Failure } from "../failure.ts";
import { createEraseRun } from "../flow/erase-run.ts";
import { eraseExpiredRuns } from "../flow/retention.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { erasedViewOf } from "../projection/run-view.ts";
import type { Store } from "../store/index.ts";
import { identifyCaller } from "./caller.ts";
import { CLI_NODE, type CliContext, cliContext, withStore } from "./context.ts";
import { print, tell } from "./terminal.ts";
import { userName } from "./user-name.ts";

type Options = Readonly<{ reason?: string; by: string; expired?: true; olderThan?: string; dryRun?: true }>;

export function eraseCommand(binaries: PostgresBinaries): Command {
  return new Command("erase")
    .description("delete the document of a run and what was made from it; its hashes and its journal stay")
    .argument("[id]", "the run; not with --expired")
    .option("--reason <words>", "why; the journal keeps it")
    .option("--by <name>", "who asks; the journal keeps it", userName())
    .option("--expired", "all runs that ended longer ago than JEJAKEKAL_RETENTION")
    .option("--older-than <duration>", "with --expired: another time, such as P90D")
    .option("--dry-run", "with --expired: print the runs, and erase nothing")
    .action(async (id: string | undefined, options: Options) => {
      if ((id === undefined) !== (options.expired === true)) {
        throw new Failure("invalid_query", { field: "id", reason: "or --expired is needed, not both" });
      }
      const context = cliContext(binaries);
      await withStore(context, async (store) => {
        if (id === undefined) await eraseExpired(context, store, options);
        else await eraseOne(context, store, id, options);
      });
    });
}

async function eraseOne(
  context: CliContext,
  store: Store,
  id: string,
  { reason, by }: Options,
): Promise<void> {
  const actor = parseErase({ reason, by }, await identifyCaller(context, store, "admin"));
  const erased = await eraserOf(context, store)(parseRunId(id), actor);
  print(erasedViewOf(erased));
  const left = erased.attachments.filter(({ isErased }) => !isErased);
  if (left.length > 0) tell(`The runs of ${left.length} attachments of this mail are not erased.`);
  if (erased.attachmentOf?.isErased === false)
    tell(`The mail ${erased.attachmentOf.runId}, which has this attachment, is not erased.`);
}

const LISTED_RUNS = 1_000;
const ERASED_RUNS = 20;

/** Prints one line for each run. */
async function eraseExpired(
  context: CliContext,
  store: Store,
  { olderThan, dryRun }: Options,
): Promise<void> {
  const retention = retentionOf(context, olderThan);
  await identifyCaller(context, store, "admin");
  if (dryRun) {
    const expired = await store.listExpiredRuns(retention.ms, LISTED_RUNS);
    for (const { runId, endedAtEpochMs, bytes } of expired) {
      print({ run_id: runId, ended_at_epoch_ms: endedAtEpochMs, bytes });
    }
    const more = expired.length === LISTED_RUNS ? " or more" : "";
    tell(`${expired.length}${more} runs would be erased.`);
    return;
  }
  const eraseRun = eraserOf(context, store);
  for (let erased = ERASED_RUNS; erased === ERASED_RUNS; ) {
    const runIds = await eraseExpiredRuns({ store, eraseRun }, retention, ERASED_RUNS);
    for (const runId of runIds) print({ run_id: runId });
    erased = runIds.length;
  }
}

function eraserOf({ log, config }: CliContext, store: Store) {
  return createEraseRun({ store, log, node: CLI_NODE, bundlesRoot: config.bundlesRoot });
}

function retentionOf({ config }: CliContext, olderThan: string | undefined): Duration {
  const retention = olderThan === undefined ? config.retention : parseDuration(olderThan);
  if (retention != null) return retention;
  throw new Failure("invalid_query", {
    field: "older-than",
    reason: "takes a duration such as P90D, or JEJAKEKAL_RETENTION is set",
  });
}
