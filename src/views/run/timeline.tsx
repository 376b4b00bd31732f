import { RUN_STEPS } from "../../domain/run.ts";
import { failedAttempts } from "../../projection/event-lines.ts";
import { lastForkableStep } from "../../projection/forkable.ts";
import { formatDuration } from "../../projection/format.ts";
import { pageParamEntries } from "../../projection/page-params.ts";
import type { RunView, TimelineEntry } from "../../projection/run-view.ts";
import { STEPS_PER_PAGE, type Window, windowOf } from "../../projection/step-window.ts";
import { underWayOf } from "../../projection/under-way.ts";
import { waterfallOf } from "../../projection/waterfall.ts";
import { addressAttribute } from "../attribute.ts";
import type { ExecutionModel } from "../model.ts";
import { Moment, Zone } from "../moment.tsx";
import { Axis } from "./axis.tsx";
import { Step } from "./step.tsx";
import { FailedAttempts } from "./step-body.tsx";

type RunModel = Extract<ExecutionModel, { kind: "run" }>;

/** `#timeline`: the steps as a waterfall. A long run is split into pages of steps below an overview of all steps. */
export function Timeline({ model }: Readonly<{ model: RunModel }>): JSX.Element {
  const { run, step: marked, nowEpochMs } = model;
  const window = windowOf(run.timeline.length, indexOfStep(run, model.from ?? marked));
  const bounds = { from: run.header.created_at, to: run.header.completed_at ?? nowEpochMs };
  // The steps of a parent ran earlier, so they are not on the time axis of the fork.
  const firstOwn = run.header.from_step ?? 0;
  const own = run.timeline.filter(({ function_id }) => function_id >= firstOwn);
  const waterfall = waterfallOf(own, bounds);
  const shown = run.timeline.slice(window.from, window.to);
  // A page of a long run has a time scale of its own: on the scale of the whole run its bars would be too thin to see.
  const isPaged = window.total > STEPS_PER_PAGE;
  const { bars, breaks } = isPaged ? waterfallOf(shown, boundsOf(shown, bounds)) : waterfall;
  const barOf = new Map(bars.map((bar) => [bar.functionId, bar]));
  const lastForkable = lastForkableStep(run);
  return (
    <section class="timeline-box" aria-label="Timeline">
      <Axis
        run={run}
        stepCount={own.length}
        nowEpochMs={nowEpochMs}
        waterfall={waterfall}
        shown={isPaged ? shown : []}
      />
      {isPaged ? <StepPages window={window} model={model} /> : ""}
      <div class="steps" data-awaits={run.status === "running" ? "true" : undefined}>
        <ol id="timeline" class="timeline">
          {shown.map((step) => (
            <Step
              step={step}
              run={run}
              bar={barOf.get(step.function_id)}
              breaks={breaks}
              isOfParent={step.function_id < firstOwn}
              isMarked={step.function_id === marked}
              isForkable={step.function_id <= lastForkable}
              failures={failedAttempts(model.journal, step.function_name)}
              nowEpochMs={nowEpochMs}
            />
          ))}
        </ol>
        {run.status === "running" && window.to === window.total ? <StepUnderWay model={model} /> : ""}
        <StepsToCome run={run} />
      </div>
    </section>
  );
}

/** The steps that a run has not begun: still to come, or never reached by a run that has ended. */
function StepsToCome({ run }: Readonly<{ run: RunView }>): JSX.Element {
  // The line of the step under way stands in the place of that step.
  const from = run.timeline.length + (run.status === "running" ? 1 : 0);
  const steps = RUN_STEPS.slice(from);
  if (steps.length === 0) return "";
  return (
    <ol class="to-come" aria-label={run.status === "running" ? "Steps to come" : "Steps that did not run"}>
      {steps.map((name, index) => (
        <li>
          <span class="to-come-number">{String(from + index) as "safe"}</span> <span>{name as "safe"}</span>
        </li>
      ))}
    </ol>
  );
}

/** The step that runs now. It has no row before it completes, so only its name and its failed attempts are known. */
function StepUnderWay({ model }: Readonly<{ model: RunModel }>): JSX.Element {
  const now = underWayOf(model.run, model.nowEpochMs);
  // The last step is recorded a moment before the run ends.
  if (model.run.timeline.length === RUN_STEPS.length) return "";
  const failures = now.kind === "asleep" || now.name === null ? [] : failedAttempts(model.journal, now.name);
  return (
    <div class="under-way">
      <p>
        <span class="pulse" aria-hidden="true"></span>{" "}
        {now.kind === "asleep" ? (
          <Asleep untilEpochMs={now.untilEpochMs} nowEpochMs={model.nowEpochMs} />
        ) : (
          <span safe>{`${now.name ?? "The next step"} is running`}</span>
        )}
      </p>
      <FailedAttempts failures={failures} />
    </div>
  );
}

type AsleepProps = Readonly<{ untilEpochMs: number; nowEpochMs: number }>;

/** The page is not drawn again while the run sleeps, so a short wait is not counted down. */
function Asleep({ untilEpochMs, nowEpochMs }: AsleepProps): JSX.Element {
  const minutes = Math.round((untilEpochMs - nowEpochMs) / 60_000);
  return (
    <span>
      Asleep until <Moment epochMs={untilEpochMs} form="moment" nowEpochMs={nowEpochMs} />{" "}
      <Zone epochMs={untilEpochMs} />
      {minutes < 2 ? "" : <span safe>{`, in ${formatDuration(minutes * 60_000)}`}</span>}
    </span>
  );
}

type Bounds = Readonly<{ from: number; to: number }>;

/** From the start of the first of these steps to the end of the last, in epoch milliseconds. */
function boundsOf(steps: readonly TimelineEntry[], run: Bounds): Bounds {
  return {
    from: steps.find(({ started_at_epoch_ms: at }) => at !== null)?.started_at_epoch_ms ?? run.from,
    to: Math.min(
      steps.findLast(({ completed_at_epoch_ms: at }) => at !== null)?.completed_at_epoch_ms ?? run.to,
      run.to,
    ),
  };
}

function indexOfStep(run: RunView, functionId: number | null): number | null {
  const index = run.timeline.findIndex(({ function_id }) => function_id === functionId);
  return index === -1 ? null : index;
}

function StepPages({ window, model }: Readonly<{ window: Window; model: RunModel }>): JSX.Element {
  const { run_id, timeline } = model.run;
  const pages = Array.from({ length: Math.ceil(window.total / STEPS_PER_PAGE) }, (_, page) => page);
  const params = pageParamEntries(model.params);
  const failed = timeline.find(({ error }) => error !== null);
  return (
    <nav class="pages" aria-label="Pages of steps">
      {pages.map((page) => {
        const start = page * STEPS_PER_PAGE;
        const from = timeline[start]?.function_id ?? start;
        return (
          <a
            id={`steps-${start}`}
            href={addressAttribute(`/runs/${run_id}`, [["from", from], ...params])}
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
          href={addressAttribute(`/runs/${run_id}`, [["step", failed.function_id], ...params])}
        >
          First failed
        </a>
      )}
    </nav>
  );
}
