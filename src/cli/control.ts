import { Command } from "commander";
import type { Sender } from "../domain/journal.ts";
import { parseRunId } from "../domain/run.ts";
import { parseActor, parseFork } from "../domain/run-change.ts";
import { cancelRun, forkRun, type RunControl, type RunState, resumeRun } from "../flow/run-control.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { identifyCaller } from "./caller.ts";
import { CLI_NODE, cliContext, withEngine } from "./context.ts";
import { print } from "./terminal.ts";
import { userName } from "./user-name.ts";

type ActorOptions = Readonly<{ by: string; reason?: string }>;

export function controlCommands(binaries: PostgresBinaries): Command[] {
  return [
    changeCommand("cancel")
      .description("cancel a run that has not ended")
      .action(async (id: string, actor: ActorOptions) => {
        const state = await change(binaries, (control, sender) =>
          cancelRun(control, parseRunId(id), parseActor(actor, sender)),
        );
        print(stateOf(state));
      }),
    changeCommand("resume")
      .description("let a cancelled run go on; a node that is up, or the next to start, does the work")
      .action(async (id: string, actor: ActorOptions) => {
        const state = await change(binaries, (control, sender) =>
          resumeRun(control, parseRunId(id), parseActor(actor, sender)),
        );
        print(stateOf(state));
      }),
    changeCommand("fork")
      .description(
        "start a new run that takes over a run's steps before a step; a node that is up, or the next to start, does the rest",
      )
      .requiredOption("--from-step <step>", "the first step to execute again: its function id or its name")
      .action(async (id: string, { fromStep, ...actor }: ActorOptions & { fromStep: string }) => {
        const step = /^\d+$/.test(fromStep) ? Number(fromStep) : fromStep;
        const fork = await change(binaries, (control, sender) => {
          const asked = parseFork({ from_step: step, ...actor }, sender);
          return forkRun(control, parseRunId(id), asked.fromStep, asked.actor);
        });
        print({ ...stateOf(fork), forked_from: fork.forkedFrom, from_step: fork.fromStep });
      }),
  ];
}

function changeCommand(name: string): Command {
  return new Command(name)
    .argument("<id>")
    .option("--by <name>", "who asks; the journal keeps it", userName())
    .option("--reason <words>", "why; the journal keeps it");
}

function change<State>(
  binaries: PostgresBinaries,
  work: (control: RunControl, sender: Sender) => Promise<State>,
): Promise<State> {
  const context = cliContext(binaries);
  return withEngine(context, async (engine, store) => {
    const sender = await identifyCaller(context, store, "operate");
    return work(
      { engine, store, log: context.log, node: CLI_NODE, maxRunning: context.config.maxRunning },
      sender,
    );
  });
}

function stateOf({ runId, status, dbosStatus }: RunState) {
  return { run_id: runId, status, dbos_status: dbosStatus };
}
