import { Command } from "commander";
import { parseRunId } from "../domain/run.ts";
import { Failure } from "../failure.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { journalViewOf } from "../projection/journal-view.ts";
import { runSummaryViewOf } from "../projection/run-summary-view.ts";
import { cliContext, withEngine, withStore } from "./context.ts";
import { print } from "./terminal.ts";

export function readCommands(binaries: PostgresBinaries): Command[] {
  return [
    new Command("get")
      .description("print a run as `dbos workflow get` prints it")
      .argument("<id>")
      .action((id: string) => printWorkflow(binaries, id, "getWorkflow")),
    new Command("steps")
      .description("print the steps of a run as `dbos workflow steps` prints them")
      .argument("<id>")
      .action((id: string) => printWorkflow(binaries, id, "listSteps")),
    new Command("events")
      .description("print the journal of a run, and whether its chain of hashes holds")
      .argument("<id>")
      .action((id: string) => printEvents(binaries, id)),
    new Command("list")
      .description("print the newest runs")
      .option("--limit <n>", "how many", "20")
      .action(({ limit }: { limit: string }) => printRuns(binaries, limit)),
  ];
}

async function printWorkflow(
  binaries: PostgresBinaries,
  id: string,
  read: "getWorkflow" | "listSteps",
): Promise<void> {
  const runId = parseRunId(id);
  const found = await withEngine(cliContext(binaries), (engine) => engine[read](runId));
  if (found === undefined) throw new Failure("run_not_found", { run_id: runId });
  print(found);
}

async function printEvents(binaries: PostgresBinaries, id: string): Promise<void> {
  const runId = parseRunId(id);
  const { chain, events } = await withStore(cliContext(binaries), async (store) => {
    const journal = await store.readJournal(runId, { from: null, checkedWithinMs: 0 });
    return { chain: journal.chain, events: await store.listEvents(runId) };
  });
  if (events.length === 0) throw new Failure("run_not_found", { run_id: runId });
  print(journalViewOf(runId, { chain, events }));
}

async function printRuns(binaries: PostgresBinaries, limit: string): Promise<void> {
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 500) {
    throw new Failure("invalid_query", { field: "limit", reason: "takes a number from 1 to 500" });
  }
  const runs = await withStore(cliContext(binaries), (store) => store.listRuns({ limit: count }));
  const nowEpochMs = Date.now();
  print(runs.map((run) => runSummaryViewOf(run, nowEpochMs)));
}
