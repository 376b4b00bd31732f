import { type EventLine, failedAttempts } from "../projection/event-lines.ts";
import { lastForkableStep } from "../projection/forkable.ts";
import { formatClock, formatCount, formatDuration } from "../projection/format.ts";
import { stepMarks } from "../projection/marks.ts";
import { addressOf, pageParamEntries } from "../projection/page-params.ts";
import type { RunView, TimelineEntry } from "../projection/run-view.ts";
import { STEPS_PER_PAGE, type Window, windowOf } from "../projection/step-window.ts";
import { underWayOf } from "../projection/under-way.ts";
import { type Bar, type Break, type Waterfall, waterfallOf } from "../projection/waterfall.ts";
import { Hash } from "./copy.tsx";
import { Marks } from "./marks.tsx";
import type { ExecutionModel } from "./model.ts";

type RunModel = Extract<ExecutionModel, { kind: "run" }>;

/** `#timeline`: the steps as a waterfall. Of a long run one page of steps, and an overview of all of them above. */
export function Timeline({ model }: { model: RunModel }): JSX.Element {
  const { run, step: marked } = model;
  const window = windowOf(run.timeline.length, indexOfStep(run, model.from ?? marked));
  const whole = { from: run.header.created_at, to: run.header.completed_at ?? model.nowEpochMs };
  const fall = waterfallOf(run.timeline, whole);
  const shown = run.timeline.slice(window.from, window.to);
  // A page of a long run has a scale of its own: on that of the whole run its bars would be hairs.
  const isPaged = window.total > STEPS_PER_PAGE;
  const pageFall = isPaged ? waterfallOf(shown, boundsOf(shown, whole)) : fall;
  const lastForkable = lastForkableStep(run);
  const bars = new Map(pageFall.bars.map((bar) => [bar.functionId, bar]));
  return (
    <section class="timeline-box" aria-label="Timeline">
      <Axis run={run} fall={fall} shown={isPaged ? shown : []} />
      {isPaged ? <Pages window={window} model={model} /> : ""}
      <div class="steps" data-awaits={run.status === "running" ? "true" : undefined}>
        <ol id="timeline" class="timeline">
          {shown.map((step) => (
            <Step
              step={step}
              run={run}
              bar={bars.get(step.function_id)}
              breaks={pageFall.breaks}
              isMarked={step.function_id === marked}
              isForkable={step.function_id <= lastForkable}
              failures={failedAttempts(model.journal, step.function_name)}
              nowEpochMs={model.nowEpochMs}
            />
          ))}
        </ol>
        {run.status === "running" && window.to === window.total ? <UnderWay model={model} /> : ""}
      </div>
    </section>
  );
}

/** The step that comes next, which has no row of its own before it has completed, and how it has gone so far. */
function UnderWay({ model }: { model: RunModel }): JSX.Element {
  const at = underWayOf(model.run, model.nowEpochMs);
  const failures = at.kind === "asleep" || at.name === null ? [] : failedAttempts(model.journal, at.name);
  return (
    <div class="under-way">
      <p>
        <span class="pulse" aria-hidden="true"></span>{" "}
        <span safe>
          {at.kind === "asleep"
            ? `Asleep until ${formatClock(at.untilEpochMs).slice(0, 8)} UTC`
            : `${at.name ?? "The next step"} is under way`}
        </span>
      </p>
      <Attempts failures={failures} />
    </div>
  );
}

function Attempts({ failures }: { failures: readonly EventLine[] }): JSX.Element {
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

type Bounds = Readonly<{ from: number; to: number }>;

/** From the begin of the first of these steps to the end of the last. */
function boundsOf(steps: readonly TimelineEntry[], whole: Bounds): Bounds {
  return {
    from: steps.find(({ started_at_epoch_ms: at }) => at !== null)?.started_at_epoch_ms ?? whole.from,
    to: Math.min(
      steps.findLast(({ completed_at_epoch_ms: at }) => at !== null)?.completed_at_epoch_ms ?? whole.to,
      whole.to,
    ),
  };
}

function indexOfStep(run: RunView, functionId: number | null): number | null {
  const index = run.timeline.findIndex(({ function_id }) => function_id === functionId);
  return index === -1 ? null : index;
}

/** The whole in one strip: where time went, and where it was compressed. */
function Axis({
  run,
  fall,
  shown,
}: {
  run: RunView;
  fall: Waterfall;
  /** The steps on the page, when they are not all. */
  shown: readonly TimelineEntry[];
}): JSX.Element {
  const first = fall.bars.find(({ functionId }) => functionId === shown[0]?.function_id);
  const last = fall.bars.find(({ functionId }) => functionId === shown.at(-1)?.function_id);
  const idleMs = fall.breaks.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <div class="axis">
      <span class="axis-label" safe>
        {`${formatCount(run.timeline.length, "step")} · ${formatDuration(fall.workMs)} of work`}
        {idleMs === 0 ? "" : ` · ${formatDuration(idleMs)} idle, shortened`}
      </span>
      <svg class="track overview" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        {first === undefined || last === undefined ? (
          ""
        ) : (
          <rect
            class="bar-window"
            x={String(first.x)}
            y="0"
            width={String(Math.max(1, last.x + last.width - first.x))}
            height="10"
          />
        )}
        {fall.breaks.slice(0, 40).map(({ x, width }) => (
          <rect class="bar-break" x={String(x)} y="0" width={String(width)} height="10" />
        ))}
        <path class="bar-work" d={pathOf(fall.bars, "work")} />
        <path class="bar-failed" d={pathOf(fall.bars, "failed")} />
      </svg>
      <BreakLabels breaks={fall.breaks} />
      <p class="axis-ends">
        <span safe>{formatClock(run.header.created_at).slice(0, 8)}</span>
        <span safe>
          {run.header.completed_at === null ? "now" : formatClock(run.header.completed_at).slice(0, 8)}
        </span>
      </p>
    </div>
  );
}

/** How long each shortened stretch was, under it; more than a few labels would lie over each other. */
function BreakLabels({ breaks }: { breaks: readonly Break[] }): JSX.Element {
  const labelled = breaks.length > MAX_BREAKS ? [] : breaks;
  return (
    <svg class="break-labels" width="100%" height="14" aria-hidden="true">
      {labelled.map(({ x, width, ms }) => {
        const middle = x + width / 2;
        return (
          <text
            x={`${middle}%`}
            y="11"
            text-anchor={middle < 10 ? "start" : middle > 90 ? "end" : "middle"}
            safe
          >
            {formatDuration(ms)}
          </text>
        );
      })}
    </svg>
  );
}

/** Thousands of bars as one shape; those that fall into the same half percent are drawn once. */
function pathOf(bars: readonly Bar[], kind: Bar["kind"]): string {
  const drawn = new Map<number, number>();
  for (const bar of bars) {
    if (bar.kind !== kind) continue;
    const at = Math.round(bar.x * 2) / 2;
    drawn.set(at, Math.max(drawn.get(at) ?? 0, bar.width));
  }
  return [...drawn].map(([x, width]) => `M${x} 2h${width}v6h-${width}z`).join("");
}

function Pages({ window, model }: { window: Window; model: RunModel }): JSX.Element {
  const starts = Array.from(
    { length: Math.ceil(window.total / STEPS_PER_PAGE) },
    (_, page) => page * STEPS_PER_PAGE,
  );
  const params = pageParamEntries(model.params);
  const failed = model.run.timeline.find(({ error }) => error !== null);
  return (
    <nav class="pages" aria-label="Steps">
      {starts.map((start) => {
        const first = model.run.timeline[start]?.function_id ?? start;
        return (
          <a
            id={`steps-${start}`}
            href={addressOf(`/runs/${model.run.run_id}`, [["from", first], ...params])}
            aria-current={start === window.from ? "page" : undefined}
            safe
          >
            {`${start}–${Math.min(start + STEPS_PER_PAGE, window.total) - 1}`}
          </a>
        );
      })}
      {failed === undefined ? (
        ""
      ) : (
        <a
          id="first-failed"
          href={addressOf(`/runs/${model.run.run_id}`, [["step", failed.function_id], ...params])}
        >
          First failed
        </a>
      )}
    </nav>
  );
}

/** Where time was shortened shows as a band down all steps; with more than a few bands it would show nothing. */
const MAX_BREAKS = 6;

function breaksPath(breaks: readonly Break[]): string {
  return breaks.map(({ x, width }) => `M${x} 0h${width}v10h-${width}z`).join("");
}

function Step(props: {
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
            <Marks marks={stepMarks(step, run)} />
          </span>
          <span class="step-time" safe>
            {step.duration_ms === null ? "–" : formatDuration(step.duration_ms)}
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
          <dt>ended</dt>
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
