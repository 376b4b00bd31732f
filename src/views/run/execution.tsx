import type { OverviewView } from "../../projection/overview-view.ts";
import { pageParamEntries } from "../../projection/page-params.ts";
import { underWayOf } from "../../projection/under-way.ts";
import { pollTrigger } from "../../projection/watch.ts";
import { addressAttribute, attribute } from "../attribute.ts";
import { CommandHelp } from "../help.tsx";
import type { ExecutionModel, PollPlan } from "../model.ts";
import { versionOf } from "../version.ts";
import { Overview } from "./overview.tsx";
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
      {...(poll === null ? refreshAttributes(model) : pollAttributes(poll))}
    >
      {model.kind === "idle" ? <IdlePane overview={model.overview ?? null} /> : ""}
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

/** An ended run can be resumed in another tab: the script sends `tab-shown` when the reader returns to this one. */
function refreshAttributes(model: ExecutionModel) {
  if (model.kind !== "run" || model.expired) return {};
  const query = [...pageParamEntries(model.params), ["step", model.step], ["from", model.from]] as const;
  return {
    "hx-get": addressAttribute(`/ui/runs/${model.run.run_id}/poll`, query),
    "hx-trigger": "tab-shown from:body",
    "hx-swap": "none",
  } as const;
}

function pollAttributes(poll: PollPlan) {
  return {
    "hx-get": attribute(poll.url),
    "hx-trigger": pollTrigger(poll.everyMs),
    "hx-swap": "none",
    "hx-request": JSON.stringify({ timeout: POLL_TIMEOUT_MS }),
  } as const;
}

/** Before the first run there is nothing to count. */
function IdlePane({ overview }: Readonly<{ overview: OverviewView | null }>): JSX.Element {
  if (overview !== null && overview.all.runs > 0) {
    return (
      <>
        <Overview overview={overview} />
        <NoTimeline />
      </>
    );
  }
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
