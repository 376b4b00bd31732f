import { formatDuration } from "../../projection/format.ts";
import type { DataState, ExecutionModel, Problem } from "../model.ts";

export function dataStateOf(model: ExecutionModel): DataState {
  if (model.kind === "idle") return "idle";
  if (model.kind === "problem" || model.expired) return "error";
  return model.run.status === "unknown" ? "error" : model.run.status;
}

/** `#run-status`: the state of the run in one line. */
export function RunStatus({ model, oob }: Readonly<{ model: ExecutionModel; oob?: boolean }>): JSX.Element {
  const { headline, aside } = wordsOf(model);
  return (
    <div
      id="run-status"
      data-state={dataStateOf(model)}
      data-dbos-status={model.kind === "run" ? model.run.dbos_status : undefined}
      hx-swap-oob={oob === true ? "true" : undefined}
    >
      <span class="state-shape" aria-hidden="true"></span>
      <strong safe>{headline}</strong>
      <span class="status-aside" data-elapsed={elapsedMs(model)} safe>
        {aside}
      </span>
    </div>
  );
}

/** Milliseconds since a running run started: the script counts on from here between two polls. */
function elapsedMs(model: ExecutionModel): string | undefined {
  const isRunning = model.kind === "run" && dataStateOf(model) === "running";
  return isRunning ? String(model.nowEpochMs - model.run.header.created_at) : undefined;
}

type Words = Readonly<{ headline: string; aside: string }>;

function wordsOf(model: ExecutionModel): Words {
  if (model.kind === "idle") return { headline: "Idle", aside: "Start a command, or choose a run." };
  if (model.kind === "problem") {
    return problemWordsOf(model.problem);
  }
  return runWordsOf(model);
}

/** The viewer explains a missing artifact, so the status does not repeat it. */
function problemWordsOf({ code, message, transient }: Problem): Words {
  if (code === "artifact_not_found") return { headline: "Error", aside: "There is no run to show." };
  return { headline: transient ? "No answer" : "Error", aside: `${message} (${code})` };
}

function runWordsOf({ run, nowEpochMs, expired }: Extract<ExecutionModel, { kind: "run" }>): Words {
  const elapsed = formatDuration((run.header.completed_at ?? nowEpochMs) - run.header.created_at);
  if (expired) {
    return { headline: "No longer watching", aside: `The run was still running after ${elapsed}.` };
  }
  if (run.status === "running") return { headline: "Running", aside: elapsed };
  if (run.status === "done") return { headline: "Done", aside: `in ${elapsed}` };
  if (run.status === "unknown") return { headline: "Unknown status", aside: run.dbos_status };
  if (run.dbos_status === "CANCELLED") return { headline: "Cancelled", aside: `after ${elapsed}` };
  const { error } = run.header;
  const reason = error === null ? run.dbos_status : `${error.message} (${error.code})`;
  return { headline: "Failed", aside: `after ${elapsed} · ${reason}` };
}
