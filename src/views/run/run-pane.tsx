import { curlCommands } from "../../projection/curl.ts";
import { forksOf } from "../../projection/forks.ts";
import { formatDuration, shortRunId } from "../../projection/format.ts";
import { lineagePictureOf } from "../../projection/lineage-picture.ts";
import { runMarks } from "../../projection/marks.ts";
import { addressOf } from "../../projection/page-params.ts";
import { causeOf, titleOfRun } from "../../projection/run-words.ts";
import { attribute } from "../attribute.ts";
import { CopyButton } from "../copy.tsx";
import { Marks } from "../marks.tsx";
import type { ExecutionModel } from "../model.ts";
import { Moment, Zone } from "../moment.tsx";
import { AttachmentOf, Attachments } from "./attachments.tsx";
import { Journal } from "./journal.tsx";
import { Lineage } from "./lineage.tsx";
import { PrimaryActionButton, RunActions } from "./run-actions.tsx";
import { Timeline } from "./timeline.tsx";

type RunModel = Extract<ExecutionModel, { kind: "run" }>;

/** One run: id and marks, facts, actions, timeline, journal, shell commands. */
export function RunPane({ model }: Readonly<{ model: RunModel }>): JSX.Element {
  const { run, journal } = model;
  return (
    <>
      <div class="run-title">
        <h3 dir="auto" title={attribute(titleOfRun(run))} safe>
          {titleOfRun(run)}
        </h3>
        <PrimaryActionButton run={run} />
      </div>
      <Cause model={model} />
      <div class="run-head">
        <span class="run-id">
          <code safe>{run.run_id}</code>
        </span>
        <CopyButton id="copy-run-id" text={run.run_id} about="run id" />
        <span class="marks">
          <Marks marks={runMarks(run, model)} />
        </span>
      </div>
      <RunFacts model={model} />
      <Attachments run={run} />
      <RunActions model={model} />
      <Timeline model={model} />
      <Lineage picture={lineagePictureOf(run, journal)} />
      {journal === null ? "" : <Journal journal={journal} runId={run.run_id} />}
      <ShellCommands model={model} />
    </>
  );
}

/** Why the run ended in error, and the run that continued it. */
function Cause({ model: { run, journal } }: Readonly<{ model: RunModel }>): JSX.Element {
  const cause = causeOf(run);
  const fork = run.status === "error" ? forksOf(journal).at(-1)?.runId : undefined;
  if (cause === null && fork === undefined) return "";
  return (
    <p class="cause">
      <span safe>{cause ?? ""}</span>
      {fork === undefined ? (
        ""
      ) : (
        <>
          {" "}
          A fork continued it:{" "}
          <a id="continued-by" href={`/runs/${fork}`} title={fork} safe>
            {shortRunId(fork)}
          </a>
        </>
      )}
    </p>
  );
}

function RunFacts({ model }: Readonly<{ model: RunModel }>): JSX.Element {
  const { header, dbos_status } = model.run;
  const facts: readonly (readonly [string, string])[] = [
    ["status", dbos_status],
    ["node", header.executor_id ?? "–"],
    ["recoveries", String(Math.max(0, header.recovery_attempts - 1))],
    ["workflow", `${header.name} ${header.application_version ?? ""}`],
    ["sleep", formatDuration(header.sleep_ms)],
  ];
  return (
    <dl class="facts">
      <div>
        <dt>
          started, <Zone epochMs={header.created_at} />
        </dt>
        <dd>
          <Moment epochMs={header.created_at} form="second" />
        </dd>
      </div>
      {facts.map(([name, value]) => (
        <div>
          <dt>{name as "safe"}</dt>
          <dd safe>{value}</dd>
        </div>
      ))}
      <AttachmentOf run={model.run} />
      {header.forked_from === null ? (
        ""
      ) : (
        <ForkedFrom runId={header.forked_from} step={header.from_step} forkId={model.run.run_id} />
      )}
    </dl>
  );
}

type ForkedFromProps = Readonly<{ runId: string; step: number | null; forkId: string }>;

function ForkedFrom({ runId, step, forkId }: ForkedFromProps): JSX.Element {
  return (
    <div>
      <dt>forked from</dt>
      <dd>
        <a id="forked-from" href={addressOf(`/runs/${runId}`, [["step", step]])} title={runId} safe>
          {shortRunId(runId)}
        </a>{" "}
        <a id="compare-with-parent" href={`/compare?left=${runId}&amp;right=${forkId}`}>
          compare
        </a>
      </dd>
    </div>
  );
}

function ShellCommands({ model }: Readonly<{ model: RunModel }>): JSX.Element {
  return (
    <details id="as-curl" class="as-curl">
      <summary id="as-curl-title" class="fold-title">
        Shell commands
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
