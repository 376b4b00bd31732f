import { isResumable } from "../../domain/run.ts";
import { curlCommands } from "../../projection/curl.ts";
import { formatDuration, formatInstant, shortRunId } from "../../projection/format.ts";
import { runMarks } from "../../projection/marks.ts";
import { addressOf } from "../../projection/page-params.ts";
import { underWayOf } from "../../projection/under-way.ts";
import { pollTrigger } from "../../projection/watch.ts";
import { CopyButton } from "../copy.tsx";
import { CommandHelp } from "../help.tsx";
import { Marks } from "../marks.tsx";
import type { ExecutionModel, PollPlan } from "../model.ts";
import { versionOf } from "../version.ts";
import { Journal } from "./journal.tsx";
import { Timeline } from "./timeline.tsx";

type RunModel = Extract<ExecutionModel, { kind: "run" }>;

/** What `#run-status[data-state]` may say. What is neither idle, nor running, nor done is an error: nothing waits for ever. */
export type DataState = "idle" | "running" | "done" | "error";

export function dataStateOf(model: ExecutionModel): DataState {
  if (model.kind === "idle") return "idle";
  if (model.kind === "problem" || model.expired) return "error";
  return model.run.status === "unknown" ? "error" : model.run.status;
}

/** `#run-status`: the state in one line. */
export function RunStatus({ model, oob }: { model: ExecutionModel; oob?: boolean }): JSX.Element {
  const { headline, aside } = statusWords(model);
  return (
    <div
      id="run-status"
      data-state={dataStateOf(model)}
      data-dbos-status={model.kind === "run" ? model.run.dbos_status : undefined}
      hx-swap-oob={oob === true ? "true" : undefined}
    >
      <span class="state-shape" aria-hidden="true"></span>
      <strong safe>{headline}</strong>
      <span class="status-aside" data-elapsed={elapsedOf(model)} safe>
        {aside}
      </span>
    </div>
  );
}

/** Of a run that goes on, in ms: the script counts on from there until the next poll. */
function elapsedOf(model: ExecutionModel): string | undefined {
  const isRunning = model.kind === "run" && dataStateOf(model) === "running";
  return isRunning ? String(model.nowEpochMs - model.run.header.created_at) : undefined;
}

function statusWords(model: ExecutionModel): { headline: string; aside: string } {
  if (model.kind === "idle") return { headline: "Idle", aside: "Start a command, or choose a run." };
  if (model.kind === "problem") {
    return {
      headline: model.problem.transient ? "No answer" : "Error",
      aside: `${model.problem.message} (${model.problem.code})`,
    };
  }
  const { run, nowEpochMs, expired } = model;
  const elapsed = formatDuration((run.header.completed_at ?? nowEpochMs) - run.header.created_at);
  if (expired)
    return { headline: "Not watched any more", aside: `The run was still going after ${elapsed}.` };
  if (run.status === "running") return { headline: "Running", aside: elapsed };
  if (run.status === "done") return { headline: "Done", aside: `in ${elapsed}` };
  if (run.status === "unknown") return { headline: "Unknown status", aside: run.dbos_status };
  const headline = run.dbos_status === "CANCELLED" ? "Cancelled" : "Failed";
  const why =
    run.header.error === null ? run.dbos_status : `${run.header.error.message} (${run.header.error.code})`;
  return { headline, aside: `after ${elapsed} · ${why}` };
}

/** `#exec`: the run itself. While there is more to come it asks for it, and one answer renews all three planes. */
export function Execution({ model, oob }: { model: ExecutionModel; oob?: boolean }): JSX.Element {
  const poll = model.kind === "idle" ? null : model.poll;
  return (
    <div
      id="exec"
      data-run-id={runIdOf(model)}
      data-version={versionOf(shownOf(model))}
      hx-swap-oob={oob === true ? "true" : undefined}
      {...pollAttributes(poll)}
    >
      {model.kind === "idle" ? <Idle /> : ""}
      {model.kind === "problem" ? <ProblemPane model={model} /> : ""}
      {model.kind === "run" ? <RunPane model={model} /> : ""}
    </div>
  );
}

function runIdOf(model: ExecutionModel): string | undefined {
  if (model.kind === "idle") return undefined;
  return model.kind === "run" ? model.run.run_id : (model.runId ?? undefined);
}

/** All that the pane shows: neither the clock, of which it shows what the run is at, nor when it is asked for next. */
function shownOf(model: ExecutionModel): unknown {
  if (model.kind === "idle") return model;
  if (model.kind === "problem") return { ...model, poll: model.poll !== null };
  return { ...model, poll: null, nowEpochMs: 0, underWay: underWayOf(model.run, model.nowEpochMs) };
}

/** A service that hangs takes connections and never answers: it is not waited for longer than this. */
const POLL_TIMEOUT_MS = 10_000;

function pollAttributes(poll: PollPlan | null) {
  if (poll === null) return {};
  return {
    "hx-get": poll.url,
    "hx-trigger": pollTrigger(poll.everyMs),
    "hx-swap": "none",
    "hx-request": JSON.stringify({ timeout: POLL_TIMEOUT_MS }),
  } as const;
}

function Idle(): JSX.Element {
  return (
    <div class="empty">
      <p>
        A run shows here step by step: what it did, when, with which hashes in and out, and what it made. It
        goes on when this page, or the whole service, is gone.
      </p>
      <CommandHelp />
      <ol id="timeline" class="timeline" aria-label="Timeline"></ol>
    </div>
  );
}

function ProblemPane({ model }: { model: Extract<ExecutionModel, { kind: "problem" }> }): JSX.Element {
  return (
    <div class="empty" data-code={model.problem.code}>
      {model.runId === null ? (
        ""
      ) : (
        <p class="quiet">
          Run <code safe>{model.runId}</code>
        </p>
      )}
      {model.poll === null ? (
        <p>
          <a id="back" href="/">
            Back to the commands
          </a>
        </p>
      ) : (
        <p class="quiet script-only">This page asks again by itself.</p>
      )}
      {model.poll === null || model.runId === null ? "" : <Reload runId={model.runId} />}
      <ol id="timeline" class="timeline" aria-label="Timeline"></ol>
    </div>
  );
}

function RunPane({ model }: { model: RunModel }): JSX.Element {
  return (
    <>
      <div class="run-head">
        <h3 class="run-id">
          <code safe>{model.run.run_id}</code>
        </h3>
        <CopyButton id="copy-run-id" text={model.run.run_id} about="run id" />
        <span class="marks">
          <Marks marks={runMarks(model.run, model)} />
        </span>
      </div>
      <Facts model={model} />
      <Actions model={model} />
      <Timeline model={model} />
      {model.journal === null ? "" : <Journal journal={model.journal} runId={model.run.run_id} />}
      <Shell model={model} />
    </>
  );
}

function Facts({ model }: { model: RunModel }): JSX.Element {
  const { header, dbos_status } = model.run;
  const facts: readonly (readonly [string, string])[] = [
    ["status", dbos_status],
    ["node", header.executor_id ?? "–"],
    ["started, UTC", formatInstant(header.created_at).slice(0, 19)],
    ["recoveries", String(Math.max(0, header.recovery_attempts - 1))],
    ["workflow", `${header.name} ${header.application_version ?? ""}`],
    ["sleep", header.sleep_ms === null ? "–" : formatDuration(header.sleep_ms)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name as "safe"}</dt>
          <dd safe>{value}</dd>
        </div>
      ))}
      {header.forked_from === null ? (
        ""
      ) : (
        <div>
          <dt>forked from</dt>
          <dd>
            <a
              id="forked-from"
              href={addressOf(`/runs/${header.forked_from}`, [["step", header.from_step]])}
              title={header.forked_from}
              safe
            >
              {shortRunId(header.forked_from)}
            </a>
          </dd>
        </div>
      )}
    </dl>
  );
}

/** What is there for every run comes first, so that it stays where it is when the run ends. */
function Actions({ model }: { model: RunModel }): JSX.Element {
  const { run_id, status, dbos_status } = model.run;
  return (
    <div class="actions">
      <a
        class="button"
        id="act-export"
        href={`/runs/${run_id}/export`}
        hx-get={`/ui/runs/${run_id}/export`}
        hx-swap="none"
      >
        Export
      </a>
      <a class="button" id="act-bundle" href={`/ui/runs/${run_id}/bundle`}>
        Bundle
      </a>
      <a class="button" id="act-json" href={`/ui/runs/${run_id}/json`}>
        JSON
      </a>
      {status === "running" ? <Act runId={run_id} verb="cancel" label="Cancel" /> : ""}
      {isResumable(dbos_status) ? <Act runId={run_id} verb="resume" label="Resume" /> : ""}
      {model.poll === null ? "" : <Reload runId={run_id} />}
      {model.expired ? (
        <a class="button" id="act-watch" href={`/runs/${run_id}`}>
          Watch again
        </a>
      ) : (
        ""
      )}
    </div>
  );
}

/** What a page without a script does instead of polling. */
function Reload({ runId }: { runId: string }): JSX.Element {
  return (
    <a class="button no-script" id="act-reload" href={`/runs/${runId}`}>
      Reload
    </a>
  );
}

function Act({
  runId,
  verb,
  label,
}: {
  runId: string;
  verb: "cancel" | "resume";
  label: string;
}): JSX.Element {
  return (
    <form
      method="post"
      action={`/ui/runs/${runId}/${verb}`}
      hx-post={`/ui/runs/${runId}/${verb}`}
      hx-swap="none"
    >
      <button id={`act-${verb}`} class={verb === "resume" ? "primary" : undefined} type="submit" safe>
        {label}
      </button>
    </form>
  );
}

function Shell({ model }: { model: RunModel }): JSX.Element {
  return (
    <details id="as-curl" class="as-curl">
      <summary id="as-curl-title" class="fold-title">
        From a shell
      </summary>
      {curlCommands(model.run, model.origin).map(({ label, command }, index) => (
        <div class="curl">
          <p class="curl-label" safe>
            {label}
          </p>
          <pre>
            <code safe>{command}</code>
          </pre>
          <CopyButton id={`copy-command-${index}`} text={command} about="command" />
        </div>
      ))}
    </details>
  );
}
