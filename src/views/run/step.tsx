import { formatDuration } from "../../projection/format.ts";
import { stepMarks } from "../../projection/marks.ts";
import type { Bar, Break } from "../../projection/waterfall.ts";
import { Marks } from "../marks.tsx";
import { MAX_BREAKS } from "./axis.tsx";
import { StepBody, type StepBodyProps } from "./step-body.tsx";

export type StepProps = Omit<StepBodyProps, "cutShortMs"> &
  Readonly<{
    bar: Bar | undefined;
    breaks: readonly Break[];
    /** Copied from the run that this run was forked from. */
    isOfParent: boolean;
    isMarked: boolean;
    nowEpochMs: number;
  }>;

/** One step: a line with its bar, which opens to the details. */
export function Step(props: StepProps): JSX.Element {
  const { step, run, isMarked, isOfParent, failures } = props;
  const id = step.function_id;
  const cutShortMs = cutShortMsOf(props);
  return (
    <li
      class="step"
      data-function-id={String(id)}
      data-failed={step.error === null ? undefined : "true"}
      data-of-parent={isOfParent ? "true" : undefined}
    >
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
            {isAsleep(props) ? <span class="mark">asleep</span> : ""}
            {cutShortMs === null ? "" : <CutShort cutShortMs={cutShortMs} plannedMs={step.duration_ms} />}
            <Marks marks={stepMarks(step, run, failures.length)} />
          </span>
          <span class="step-time" safe>
            {step.duration_ms === null ? "–" : formatDuration(cutShortMs ?? step.duration_ms)}
          </span>
          <Track {...props} />
        </summary>
        <StepBody {...props} cutShortMs={cutShortMs} />
      </details>
    </li>
  );
}

function isAsleep({ step, run, nowEpochMs }: StepProps): boolean {
  return run.status === "running" && (step.completed_at_epoch_ms ?? 0) > nowEpochMs;
}

/**
 * How long a sleep lasted when the run ended during it; null for every other step. DBOS records a sleep when it starts, with
 * the end that is planned.
 */
function cutShortMsOf({ step, run }: StepProps): number | null {
  const { started_at_epoch_ms: from, completed_at_epoch_ms: to } = step;
  const endedAt = run.header.completed_at;
  if (from === null || to === null || endedAt === null || to <= endedAt) return null;
  return Math.max(0, endedAt - from);
}

type CutShortProps = Readonly<{ cutShortMs: number; plannedMs: number | null }>;

function CutShort({ cutShortMs, plannedMs }: CutShortProps): JSX.Element {
  const planned = plannedMs === null ? "" : ` of ${formatDuration(plannedMs)}`;
  return (
    <span class="mark" title={`The run ended ${formatDuration(cutShortMs)} into this sleep${planned}.`}>
      cut short
    </span>
  );
}

function Track({ bar, breaks }: StepProps): JSX.Element {
  const isSleep = bar?.kind === "sleep";
  return (
    <svg class="track" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      {breaks.length > MAX_BREAKS ? "" : <path class="bar-break" d={breaksPath(breaks)} />}
      {bar === undefined ? (
        ""
      ) : (
        <rect
          class={`bar-${bar.kind}`}
          x={String(bar.x)}
          y={isSleep ? "4" : "1"}
          width={String(bar.width)}
          height={isSleep ? "2" : "8"}
        />
      )}
    </svg>
  );
}

function breaksPath(breaks: readonly Break[]): string {
  return breaks.map(({ x, width }) => `M${x} 0h${width}v10h-${width}z`).join("");
}
