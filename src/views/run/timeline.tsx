import { failedAttempts } from "../../projection/event-lines.ts";
import { lastForkableStep } from "../../projection/forkable.ts";
import { formatClock } from "../../projection/format.ts";
import { addressOf, pageParamEntries } from "../../projection/page-params.ts";
import type { RunView, TimelineEntry } from "../../projection/run-view.ts";
import { STEPS_PER_PAGE, type Window, windowOf } from "../../projection/step-window.ts";
import { underWayOf } from "../../projection/under-way.ts";
import { waterfallOf } from "../../projection/waterfall.ts";
import type { ExecutionModel } from "../model.ts";
import { Axis } from "./axis.tsx";
import { Attempts, Step } from "./step.tsx";

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
