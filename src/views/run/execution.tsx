import { underWayOf } from "../../projection/under-way.ts";
import { pollTrigger } from "../../projection/watch.ts";
import { CommandHelp } from "../help.tsx";
import type { ExecutionModel, PollPlan } from "../model.ts";
import { versionOf } from "../version.ts";
import { ReloadLink } from "./run-actions.tsx";
import { RunPane } from "./run-pane.tsx";

/** A hanging service accepts connections and never answers: the page gives up a poll after this time. */
const POLL_TIMEOUT_MS = 10_000;

/** `#exec`: the run. It polls until the run has ended; one response replaces status, run and artifact list. */
export function Execution({ model, oob }: Readonly<{ model: ExecutionModel; oob?: boolean }>): JSX.Element {
  const poll = model.kind === "idle" ? null : model.poll;
  return (
    <div
      id="exec"
      data-run-id={runIdOf(model)}
      data-version={versionOf(shownOf(model))}
      hx-swap-oob={oob === true ? "true" : undefined}
      {...pollAttributes(poll)}
    >
      {model.kind === "idle" ? <IdlePane /> : ""}
      {model.kind === "problem" ? <ProblemPane model={model} /> : ""}
      {model.kind === "run" ? <RunPane model={model} /> : ""}
    </div>
  );
}

function runIdOf(model: ExecutionModel): string | undefined {
  if (model.kind === "idle") return undefined;
  return model.kind === "run" ? model.run.run_id : (model.runId ?? undefined);
}

/** What the pane shows, for its version. The clock counts only through the step under way; the poll address does not count. */
function shownOf(model: ExecutionModel): unknown {
  if (model.kind === "idle") return model;
  if (model.kind === "problem") return { ...model, poll: model.poll !== null };
  return { ...model, poll: null, nowEpochMs: 0, underWay: underWayOf(model.run, model.nowEpochMs) };
}

function pollAttributes(poll: PollPlan | null) {
  if (poll === null) return {};
  return {
    "hx-get": poll.url,
    "hx-trigger": pollTrigger(poll.everyMs),
    "hx-swap": "none",
    "hx-request": JSON.stringify({ timeout: POLL_TIMEOUT_MS }),
  } as const;
}

function IdlePane(): JSX.Element {
  return (
    <div class="empty">
      <p>
        The steps of a run appear here, with their times, hashes and artifacts. A run goes on when you close
        this page, and after a restart of the service.
      </p>
      <CommandHelp />
      <NoTimeline />
    </div>
  );
}

type ProblemPaneProps = Readonly<{ model: Extract<ExecutionModel, { kind: "problem" }> }>;

function ProblemPane({ model: { problem, runId, poll } }: ProblemPaneProps): JSX.Element {
  return (
    <div class="empty" data-code={problem.code}>
      {runId === null ? (
        ""
      ) : (
        <p class="quiet">
          Run <code safe>{runId}</code>
        </p>
      )}
      {poll === null ? (
        <p>
          <a id="back" href="/">
            Back to the commands
          </a>
        </p>
      ) : (
        <p class="quiet script-only">This page tries again by itself.</p>
      )}
      {poll === null || runId === null ? "" : <ReloadLink runId={runId} />}
      <NoTimeline />
    </div>
  );
}

/** `#timeline` is part of the page contract, also without a run. */
function NoTimeline(): JSX.Element {
  return <ol id="timeline" class="timeline" aria-label="Timeline"></ol>;
}
