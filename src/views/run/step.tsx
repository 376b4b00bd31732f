import type { EventLine } from "../../projection/event-lines.ts";
import { formatClock, formatDuration } from "../../projection/format.ts";
import { stepMarks } from "../../projection/marks.ts";
import type { RunView, TimelineEntry } from "../../projection/run-view.ts";
import type { Bar, Break } from "../../projection/waterfall.ts";
import { Hash } from "../copy.tsx";
import { Marks } from "../marks.tsx";
import { MAX_BREAKS } from "./axis.tsx";

/** A step as a line with its bar, which opens to all that is known of it. */
export function Step(props: {
  step: TimelineEntry;
  run: RunView;
  bar: Bar | undefined;
  breaks: readonly Break[];
  isMarked: boolean;
  isForkable: boolean;
  failures: readonly EventLine[];
  nowEpochMs: number;
}): JSX.Element {
  const { step, run, bar, isMarked } = props;
  const id = step.function_id;
  const isAsleep = run.status === "running" && (step.completed_at_epoch_ms ?? 0) > props.nowEpochMs;
  const cutShortMs = cutShort(step, run);
  return (
    <li class="step" data-function-id={String(id)} data-failed={step.error === null ? undefined : "true"}>
      <details
        id={`step-${id}`}
        open={isMarked}
        data-open={isMarked ? "true" : undefined}
        aria-current={isMarked ? "step" : undefined}
      >
        <summary id={`step-${id}-summary`}>
          <span class="step-number" safe>
            {String(id)}
          </span>
          <span class="step-name">
            <b safe>{step.function_name}</b>
            {isAsleep ? <span class="mark">asleep</span> : ""}
            {cutShortMs === null ? "" : <span class="mark">cut short</span>}
            <Marks marks={stepMarks(step, run)} />
          </span>
          <span class="step-time" safe>
            {step.duration_ms === null ? "–" : formatDuration(cutShortMs ?? step.duration_ms)}
          </span>
          <svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            {props.breaks.length > MAX_BREAKS ? "" : <path class="bar-break" d={breaksPath(props.breaks)} />}
            {bar === undefined ? (
              ""
            ) : (
              <rect
                class={`bar-${bar.kind}`}
                x={String(bar.x)}
                y={bar.kind === "sleep" ? "4" : "1"}
                width={String(bar.width)}
                height={bar.kind === "sleep" ? "2" : "8"}
              />
            )}
          </svg>
        </summary>
        <StepBody step={step} run={run} isForkable={props.isForkable} failures={props.failures} />
      </details>
    </li>
  );
}

/** How long a sleep lasted that ended with its run: DBOS records it when it begins, with the end that it was to have. */
function cutShort(step: TimelineEntry, { header }: RunView): number | null {
  const { started_at_epoch_ms: from, completed_at_epoch_ms: to } = step;
  if (from === null || to === null || header.completed_at === null || to <= header.completed_at) return null;
  return Math.max(0, header.completed_at - from);
}

function StepBody({
  step,
  run,
  isForkable,
  failures,
}: {
  step: TimelineEntry;
  run: RunView;
  isForkable: boolean;
  failures: readonly EventLine[];
}): JSX.Element {
  const made = run.artifacts.filter(({ sha256 }) => step.io_hashes.out.includes(sha256));
  return (
    <div class="step-body">
      {step.error === null ? (
        ""
      ) : (
        <p class="step-error">
          <span safe>{step.error.message}</span> <code safe>{step.error.code}</code>
        </p>
      )}
      <dl class="facts">
        <div>
          <dt>attempts</dt>
          <dd safe>{step.attempt === null ? "not recorded" : String(step.attempt)}</dd>
        </div>
        <div>
          <dt>began</dt>
          <dd safe>{step.started_at_epoch_ms === null ? "–" : formatClock(step.started_at_epoch_ms)}</dd>
        </div>
        <div>
          <dt>{cutShort(step, run) === null ? "ended" : "was to end"}</dt>
          <dd safe>{step.completed_at_epoch_ms === null ? "–" : formatClock(step.completed_at_epoch_ms)}</dd>
        </div>
      </dl>
      <Attempts failures={failures} />
      <Hashes label="in" hashes={step.io_hashes.in} step={step} run={run} />
      <Hashes label="out" hashes={step.io_hashes.out} step={step} run={run} />
      {made.length === 0 ? (
        ""
      ) : (
        <p class="made">
          made{" "}
          {made.map(({ id, type }) => (
            <a
              id={`made-${type}`}
              href={`/artifacts/${id}`}
              hx-get={`/artifacts/${id}`}
              hx-target="#artifact-view"
              hx-swap="outerHTML"
              hx-push-url="true"
            >
              {type as "safe"}
            </a>
          ))}
        </p>
      )}
      {step.output === null ? (
        ""
      ) : (
        <pre class="output">
          <code safe>{outputText(step.output)}</code>
        </pre>
      )}
      {isForkable ? <Fork runId={run.run_id} functionId={step.function_id} /> : ""}
    </div>
  );
}

/** A new run that takes over what came before this step, and does this step and the rest anew. */
function Fork({ runId, functionId }: { runId: string; functionId: number }): JSX.Element {
  const address = `/ui/runs/${runId}/fork`;
  return (
    <form class="fork" method="post" action={address} hx-post={address} hx-swap="none">
      <input type="hidden" name="from_step" value={String(functionId)} />
      <button
        id={`fork-${functionId}`}
        class="small"
        type="submit"
        title="A new run takes over the steps before this one, and does this one and the rest anew"
      >
        Fork from this step
      </button>
    </form>
  );
}

function Hashes({
  label,
  hashes,
  step,
  run,
}: {
  label: "in" | "out";
  hashes: readonly string[];
  step: TimelineEntry;
  run: RunView;
}): JSX.Element {
  if (hashes.length === 0) return "";
  return (
    <p class="hashes">
      <span class="hashes-label">{label}</span>
      {hashes.map((sha256, index) => {
        const place = `${step.function_id}-${label}-${index}`;
        const artifact = run.artifacts.find((candidate) => candidate.sha256 === sha256);
        return (
          <span class="hash-of">
            {artifact === undefined ? (
              ""
            ) : (
              <a id={`hash-${place}`} href={`/artifacts/${artifact.id}`}>
                {artifact.type as "safe"}
              </a>
            )}{" "}
            <Hash id={`copy-${place}`} sha256={sha256} />
          </span>
        );
      })}
    </p>
  );
}

const MAX_OUTPUT_UNITS = 4_000;

function outputText(output: unknown): string {
  const text = JSON.stringify(output, null, 2) ?? "null";
  return text.length <= MAX_OUTPUT_UNITS
    ? text
    : `${text.slice(0, MAX_OUTPUT_UNITS).toWellFormed()}\n… ${text.length - MAX_OUTPUT_UNITS} more characters in JSON`;
}

function breaksPath(breaks: readonly Break[]): string {
  return breaks.map(({ x, width }) => `M${x} 0h${width}v10h-${width}z`).join("");
}

/** The attempts that failed, each with when and why. */
export function Attempts({ failures }: { failures: readonly EventLine[] }): JSX.Element {
  if (failures.length === 0) return "";
  return (
    <ul class="attempts">
      {failures.map(({ atEpochMs, about }) => (
        <li>
          <span class="quiet" safe>
            {formatClock(atEpochMs)}
          </span>{" "}
          <span class="mark" data-tone="warn">
            failed
          </span>{" "}
          <span safe>{about}</span>
        </li>
      ))}
    </ul>
  );
}
