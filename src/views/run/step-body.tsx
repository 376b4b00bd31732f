import type { EventLine } from "../../projection/event-lines.ts";
import { formatInstant } from "../../projection/format.ts";
import type { RunView, TimelineEntry } from "../../projection/run-view.ts";
import { Hash } from "../copy.tsx";
import { Moment } from "../moment.tsx";

export type StepBodyProps = Readonly<{
  step: TimelineEntry;
  run: RunView;
  isForkable: boolean;
  /** Journal lines of the attempts that failed. */
  failures: readonly EventLine[];
  /** Real length of a sleep that the end of the run cut short. */
  cutShortMs: number | null;
}>;

/** The details of a step: error, times, failed attempts, hashes, artifacts, output, fork. */
export function StepBody({ step, run, isForkable, failures, cutShortMs }: StepBodyProps): JSX.Element {
  return (
    <div class="step-body">
      <StepError error={step.error} />
      <dl class="facts">
        <div>
          <dt>started</dt>
          <dd>
            <StepMoment epochMs={step.started_at_epoch_ms} run={run} />
          </dd>
        </div>
        <div>
          <dt>{cutShortMs === null ? "ended" : "planned end"}</dt>
          <dd>
            <StepMoment epochMs={step.completed_at_epoch_ms} run={run} />
          </dd>
        </div>
      </dl>
      <FailedAttempts failures={failures} />
      <Hashes label="in" hashes={step.io_hashes.in} step={step} run={run} />
      <Hashes label="out" hashes={step.io_hashes.out} step={step} run={run} />
      <StepArtifacts step={step} run={run} />
      <Output output={step.output} />
      {isForkable ? <ForkButton runId={run.run_id} functionId={step.function_id} /> : ""}
    </div>
  );
}

type StepMomentProps = Readonly<{ epochMs: number | null; run: RunView }>;

/** With its date where that is not the day on which the run was started. */
function StepMoment({ epochMs, run }: StepMomentProps): JSX.Element {
  if (epochMs === null) return "–";
  const dayOf = (at: number) => formatInstant(at).slice(0, 10);
  const isSameDay = dayOf(epochMs) === dayOf(run.header.created_at);
  return <Moment epochMs={epochMs} form={isSameDay ? "clock" : "instant"} />;
}

function StepError({ error }: Pick<TimelineEntry, "error">): JSX.Element {
  if (error === null) return "";
  return (
    <p class="step-error">
      <span safe>{error.message}</span> <code safe>{error.code}</code>
    </p>
  );
}

/** The attempts that failed, each with its time and error code. */
export function FailedAttempts({ failures }: Pick<StepBodyProps, "failures">): JSX.Element {
  if (failures.length === 0) return "";
  return (
    <ul class="attempts">
      {failures.map(({ atEpochMs, about }) => (
        <li>
          <span class="quiet">
            <Moment epochMs={atEpochMs} form="clock" />
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

type HashesProps = Readonly<{
  label: "in" | "out";
  hashes: readonly string[];
  step: TimelineEntry;
  run: RunView;
}>;

function Hashes({ label, hashes, step, run }: HashesProps): JSX.Element {
  if (hashes.length === 0) return "";
  return (
    <p class="hashes">
      <span class="hashes-label">{label}</span>
      {hashes.map((sha256, index) => {
        const key = `${step.function_id}-${label}-${index}`;
        const artifact = run.artifacts.find((candidate) => candidate.sha256 === sha256);
        return (
          <span class="hash-of">
            {artifact === undefined ? (
              ""
            ) : (
              <a id={`hash-${key}`} href={`/artifacts/${artifact.id}`}>
                {artifact.type as "safe"}
              </a>
            )}{" "}
            <Hash id={`copy-${key}`} sha256={sha256} />
          </span>
        );
      })}
    </p>
  );
}

function StepArtifacts({ step, run }: Pick<StepBodyProps, "step" | "run">): JSX.Element {
  const made = run.artifacts.filter(({ sha256 }) => step.io_hashes.out.includes(sha256));
  if (made.length === 0) return "";
  return (
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
  );
}

const MAX_OUTPUT_UNITS = 4_000;

function Output({ output }: Pick<TimelineEntry, "output">): JSX.Element {
  if (output === null) return "";
  const text = JSON.stringify(output, null, 2) ?? "null";
  const hidden = text.length - MAX_OUTPUT_UNITS;
  return (
    <pre class="output">
      <code safe>
        {hidden <= 0
          ? text
          : `${text.slice(0, MAX_OUTPUT_UNITS).toWellFormed()}\n… ${hidden} more characters in the JSON`}
      </code>
    </pre>
  );
}

/** Starts a new run that copies the results before this step and executes this step and the later ones. */
function ForkButton({ runId, functionId }: Readonly<{ runId: string; functionId: number }>): JSX.Element {
  const address = `/ui/runs/${runId}/fork`;
  return (
    <form class="fork" method="post" action={address} hx-post={address} hx-swap="none">
      <input type="hidden" name="from_step" value={String(functionId)} />
      <button
        id={`fork-${functionId}`}
        class="small"
        type="submit"
        title="Starts a new run that copies the results before this step and executes this step and the later ones"
      >
        Fork from this step
      </button>
    </form>
  );
}
