import { isRecord } from "../../domain/serialized.ts";
import type { ArtifactEntry, BundleValues, TimelineStep } from "../shapes.ts";
import { Facts, textOf, utcOf } from "./facts.tsx";
import { detailInWords, effectInWords, eventInWords, stepInWords } from "./words.ts";

type SectionProps = Readonly<{ values: BundleValues }>;

/** How the run ended, and when. */
export function Outcome({ values }: SectionProps): JSX.Element {
  const { manifest, workflowStatus } = values;
  const { created_at, completed_at } = workflowStatus;
  const { application_version, forked_from } = manifest.workflow;
  return (
    <section>
      <p class="outcome" data-status={manifest.partial ? "running" : manifest.status} safe>
        {outcomeInWords(values)}
      </p>
      <Facts
        facts={[
          ["Accepted (UTC)", utcOf(created_at)],
          ["Ended (UTC)", completed_at === null ? "not yet" : utcOf(completed_at)],
          ...(completed_at === null ? [] : [["Took", `${completed_at - created_at} ms`] as const]),
          ["Status in the database", manifest.dbos_status],
          ["Version of the program", application_version ?? "unknown"],
          ...(forked_from === null ? [] : [["Forked from", forked_from] as const]),
          ...linksInWords(manifest),
          ["Digest of the artifacts", manifest.artifact_set_digest ?? "none: an artifact is missing"],
        ]}
      />
    </section>
  );
}

/** The mail of an attachment, and the runs of the attachments of a mail. */
function linksInWords({
  attachment_of: origin,
  attachments = [],
}: BundleValues["manifest"]): (readonly [string, string])[] {
  return [
    ...(origin === undefined ? [] : [[`Attachment ${origin.n} of the mail`, origin.run_id] as const]),
    ...attachments.map(({ n, run_id }) => [`Run of attachment ${n}`, run_id] as const),
  ];
}

function outcomeInWords({ manifest, timeline }: BundleValues): string {
  const { partial, status, dbos_status } = manifest;
  if (partial) return "The run had not ended when it was exported. This report is partial.";
  if (status === "done") return "The run completed: every step was executed, and all artifacts are stored.";
  if (dbos_status === "CANCELLED") return "The run was cancelled before its end.";
  const failed = timeline.find(({ error }) => error !== null);
  return failed === undefined
    ? "The run ended without success."
    : `The run failed at step ${failed.function_id}, ${failed.function_name}: ${failed.error?.message ?? ""}`;
}

const ARGUMENT_NAMES: Readonly<Record<string, string>> = {
  filename: "File name",
  media_type: "Media type",
  source_sha256: "sha256 of the document",
};

export function Request({ values }: SectionProps): JSX.Element {
  const { intent, args, payload_sha256 } = values.manifest.request;
  const raw = values.artifacts.find(({ id }) => id === "raw");
  return (
    <section>
      <h2>What was asked</h2>
      <Facts
        facts={[
          ["Task", intent === "doc" ? "read a document and quote it in a memo" : intent],
          ...Object.entries(args).map(
            ([name, value]) => [ARGUMENT_NAMES[name] ?? name, textOf(value)] as const,
          ),
          ...(raw === undefined ? [] : [["Size of the document", `${raw.bytes} bytes`] as const]),
          ["sha256 of the request", payload_sha256],
        ]}
      />
    </section>
  );
}

/** The steps in their order, each with a bar on the time scale of the run. */
export function Timeline({ values }: SectionProps): JSX.Element {
  const { timeline, artifacts, workflowStatus } = values;
  const ends = timeline.map(({ completed_at_epoch_ms }) => completed_at_epoch_ms ?? 0);
  const from = workflowStatus.created_at;
  const to = workflowStatus.completed_at ?? Math.max(from, ...ends);
  return (
    <section>
      <h2>Timeline</h2>
      <p>The steps in their order. The time scale goes from the start of the run to its end.</p>
      <table class="timeline">
        <thead>
          <tr>
            <th>#</th>
            <th>Step</th>
            <th>Began (UTC)</th>
            <th class="number">Took</th>
            <th class="scale">Time scale</th>
            <th class="number">Attempts</th>
            <th>Result</th>
          </tr>
        </thead>
        <tbody>
          {timeline.map((step) => (
            <tr>
              <td safe>{String(step.function_id)}</td>
              <td>
                <span safe>{step.function_name}</span>
                <br />
                <small safe>{stepInWords(step.function_name)}</small>
              </td>
              <td class="fixed" safe>
                {step.started_at_epoch_ms === null ? "" : utcOf(step.started_at_epoch_ms)}
              </td>
              <td class="number" safe>
                {step.duration_ms === null ? "" : `${step.duration_ms} ms`}
              </td>
              <td class="scale">
                <span class="bar" style={barStyleOf(step, from, to)} data-failed={step.error !== null}></span>
              </td>
              <td class="number" safe>
                {step.attempt === null ? "" : String(step.attempt)}
              </td>
              <td safe>{resultOf(step, artifacts)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function resultOf({ function_id, error }: TimelineStep, artifacts: readonly ArtifactEntry[]): string {
  if (error !== null) return `${error.code}: ${error.message}`;
  return artifacts
    .filter(({ prov }) => prov.producer_function_id === function_id)
    .map(({ id }) => id)
    .join(", ");
}

/** In hundredths of a percent of the time of the run; what lies outside of it is cut off. */
function barStyleOf(
  { started_at_epoch_ms, completed_at_epoch_ms }: TimelineStep,
  from: number,
  to: number,
): string {
  const start = percentOf(started_at_epoch_ms ?? from, from, to);
  const end = percentOf(completed_at_epoch_ms ?? started_at_epoch_ms ?? from, from, to);
  return `left:${start / 100}%;width:${Math.max(0, end - start) / 100}%`;
}

function percentOf(at: number, from: number, to: number): number {
  const share = to > from ? (at - from) / (to - from) : 0;
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000);
}

export function Effects({ values }: SectionProps): JSX.Element {
  const { effects } = values.toolIo;
  return (
    <section>
      <h2>Side effects</h2>
      <p>
        {effects.length === 0
          ? "The run did nothing outside of itself."
          : "What the run did outside of itself. Each happens once, however often the run is interrupted; its receipt proves that it happened."}
      </p>
      <ul>
        {effects.map(({ effect_key, kind, executions, receipt }) => (
          <li>
            <code safe>{effect_key}</code>{" "}
            <span safe>
              {`${effectInWords(kind)}, begun ${executions === 1 ? "once" : `${executions} times`}, ${receipt === null ? "without a receipt" : "with a receipt in tool-io.json"}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** `name: value` for each member; what is no object is shown as JSON. */
function detailsInWords(detail: unknown): string {
  if (!isRecord(detail)) return JSON.stringify(detail) ?? "";
  return Object.entries(detail)
    .map(([key, value]) => `${detailInWords(key)}: ${textOf(value)}`)
    .join("; ");
}

export function Journal({ values }: SectionProps): JSX.Element {
  return (
    <section>
      <h2>Journal</h2>
      <p>
        What happened to the run, in order. In <code>tool-io.json</code> each event has the hash of the event
        before it, so an event that was changed, or removed before another one, is found.
      </p>
      <table>
        <thead>
          <tr>
            <th>#</th>
            <th>Time (UTC)</th>
            <th>Event</th>
            <th>Node</th>
            <th>Details</th>
          </tr>
        </thead>
        <tbody>
          {values.toolIo.journal.map(({ seq, at_epoch_ms, kind, node, detail }) => (
            <tr>
              <td safe>{String(seq)}</td>
              <td class="fixed" safe>
                {utcOf(at_epoch_ms)}
              </td>
              <td safe>{eventInWords(kind)}</td>
              <td safe>{node}</td>
              <td>
                <bdi safe>{detailsInWords(detail)}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
