import { isRecord } from "../domain/serialized.ts";
import {
  artifactPathOf,
  type BundleFile,
  ENVELOPE,
  PAYLOAD_MANIFEST,
  REPORT,
  TAG_MANIFEST,
} from "./layout.ts";
import { REPORT_CSS } from "./report-style.ts";
import type { ArtifactEntry, BundleValues, TimelineStep } from "./shapes.ts";
import { isoOf } from "./statement.ts";

/** A section shows this many items at most; `memo.json` has all of them. */
const MAX_LISTED = 300;

/** The lists of a memo in the order in which they are shown. */
const MEMO_LISTS = [
  ["keySentences", "Key sentences"],
  ["figures", "Figures"],
  ["outline", "Outline"],
  ["review", "To review"],
  ["message", "Message"],
  ["columns", "Columns"],
  ["totals", "Totals"],
  ["fields", "Fields"],
] as const;

type Item = Readonly<Record<string, unknown>>;

/**
 * `report.html`: the bundle for a person with a browser and nothing else. One file without scripts and without requests to anywhere,
 * made of the other files alone. `jejakekal verify` builds it again and compares the bytes, so its shape is frozen with theirs.
 */
export function buildReport(values: BundleValues, memo: unknown): BundleFile {
  const page = Report({ values, memo: isRecord(memo) ? memo : null });
  const html = `<!doctype html>\n${withOneSpelling(page)}\n`;
  return { path: REPORT, bytes: new TextEncoder().encode(html) };
}

/** On Bun, Kita escapes with a function of the runtime that spells these characters in another way. */
function withOneSpelling(html: string): string {
  return html.replaceAll("&#x27;", "&#39;").replaceAll("&quot;", "&#34;").replaceAll("&gt;", ">");
}

type ReportProps = Readonly<{ values: BundleValues; memo: Item | null }>;

function Report({ values, memo }: ReportProps): string {
  const { run_id } = values.manifest;
  return String(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="referrer" content="no-referrer" />
        <title safe>{`Run ${run_id}`}</title>
        <style>{REPORT_CSS}</style>
      </head>
      <body>
        <main>
          <h1>
            Run <code safe>{run_id}</code>
          </h1>
          <Outcome values={values} />
          <Request values={values} />
          <Steps timeline={values.timeline} artifacts={values.artifacts} />
          {memo === null ? <p>The run has no memo.</p> : <Memo memo={memo} />}
          <Artifacts artifacts={values.artifacts} />
          <Effects values={values} />
          <Journal values={values} />
          <HowToVerify />
        </main>
      </body>
    </html>,
  );
}

function Outcome({ values }: Readonly<{ values: BundleValues }>): JSX.Element {
  const { manifest, workflowStatus } = values;
  const { created_at, completed_at } = workflowStatus;
  const { application_version, forked_from } = manifest.workflow;
  return (
    <section>
      <p class="outcome" safe>
        {manifest.partial
          ? `Under way when it was exported (${manifest.dbos_status}). This report is partial.`
          : `${manifest.status === "done" ? "Done" : "Ended without success"} (${manifest.dbos_status}).`}
      </p>
      <Facts
        facts={[
          ["Accepted", isoOf(created_at)],
          ["Ended", completed_at === null ? "not yet" : isoOf(completed_at)],
          ["Application version", application_version ?? "unknown"],
          ...(forked_from === null ? [] : [["Forked from", forked_from] as const]),
          ["Digest of the artifacts", manifest.artifact_set_digest ?? "none: an artifact is missing"],
        ]}
      />
    </section>
  );
}

function Request({ values }: Readonly<{ values: BundleValues }>): JSX.Element {
  const { intent, args, payload_sha256 } = values.manifest.request;
  return (
    <section>
      <h2>What was asked</h2>
      <Facts
        facts={[
          ["Intent", intent],
          ...Object.entries(args).map(([name, value]) => [name, textOf(value)] as const),
          ["sha256 of the request", payload_sha256],
        ]}
      />
    </section>
  );
}

function Steps({
  timeline,
  artifacts,
}: Readonly<{ timeline: readonly TimelineStep[]; artifacts: readonly ArtifactEntry[] }>): JSX.Element {
  const made = ({ function_id }: TimelineStep) =>
    artifacts.filter(({ prov }) => prov.producer_function_id === function_id).map(({ id }) => id);
  return (
    <section>
      <h2>Steps</h2>
      <table>
        <thead>
          <tr>
            <th>#</th>
            <th>Step</th>
            <th>Began (UTC)</th>
            <th>Took</th>
            <th>Attempts</th>
            <th>Result</th>
          </tr>
        </thead>
        <tbody>
          {timeline.map((step) => (
            <tr>
              <td safe>{String(step.function_id)}</td>
              <td safe>{step.function_name}</td>
              <td safe>{step.started_at_epoch_ms === null ? "" : isoOf(step.started_at_epoch_ms)}</td>
              <td safe>{step.duration_ms === null ? "" : `${step.duration_ms} ms`}</td>
              <td safe>{step.attempt === null ? "" : String(step.attempt)}</td>
              <td safe>
                {step.error === null ? made(step).join(", ") : `${step.error.code}: ${step.error.message}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Memo({ memo }: Readonly<{ memo: Item }>): JSX.Element {
  const title = isRecord(memo.title) ? memo.title : null;
  return (
    <section>
      <h2>Memo</h2>
      <p>
        Every sentence and figure below is quoted from the document. The place behind it counts UTF-16 units
        of the text in <code>data/artifacts/docir.json</code>; <code>citations.json</code> has the whole
        quotes.
      </p>
      {title === null ? (
        <p>The document has no text.</p>
      ) : (
        <ul>
          <Cited item={title} />
        </ul>
      )}
      {MEMO_LISTS.map(([key, heading]) => (
        <Listed heading={heading} items={itemsOf(memo[key])} />
      ))}
    </section>
  );
}

function Listed({ heading, items }: Readonly<{ heading: string; items: readonly Item[] }>): JSX.Element {
  if (items.length === 0) return "";
  return (
    <>
      <h3 safe>{heading}</h3>
      <ol>
        {items.slice(0, MAX_LISTED).map((item) => (
          <Cited item={item} />
        ))}
      </ol>
      {items.length <= MAX_LISTED ? null : (
        <p safe>{`${items.length - MAX_LISTED} more are in data/artifacts/memo.json.`}</p>
      )}
    </>
  );
}

/** An item of the memo: its text, its reason for a review, and the place of its quote. */
function Cited({ item }: Readonly<{ item: Item }>): JSX.Element {
  const cite = isRecord(item.cite) ? item.cite : {};
  const { span, page } = cite;
  const place = Array.isArray(span) ? `${textOf(cite.blockId)} ${span.join("–")}` : textOf(cite.blockId);
  return (
    <li>
      <span dir="auto" safe>
        {textOf(item.text ?? cite.text)}
      </span>
      {item.reason === undefined ? null : (
        <>
          {" "}
          <em safe>{`${textOf(item.reason)}, confidence ${textOf(item.confidence)}`}</em>
        </>
      )}{" "}
      <small safe>{page === undefined ? place : `${place}, page ${textOf(page)}`}</small>
    </li>
  );
}

function Artifacts({ artifacts }: Readonly<{ artifacts: readonly ArtifactEntry[] }>): JSX.Element {
  return (
    <section>
      <h2>Artifacts</h2>
      <table>
        <thead>
          <tr>
            <th>File and sha256</th>
            <th>Bytes</th>
            <th>Media type</th>
            <th>Made by</th>
          </tr>
        </thead>
        <tbody>
          {artifacts.map(({ id, sha256, bytes, media_type, prov }) => (
            <tr>
              <td>
                <span safe>{artifactPathOf(id)}</span>
                <br />
                <code safe>{sha256}</code>
              </td>
              <td safe>{String(bytes)}</td>
              <td safe>{media_type}</td>
              <td
                safe
              >{`${prov.producer_step}, ${textOf(prov.recipe.name)} ${textOf(prov.recipe.version ?? "")}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Effects({ values }: Readonly<{ values: BundleValues }>): JSX.Element {
  const { effects } = values.toolIo;
  return (
    <section>
      <h2>Side effects</h2>
      {effects.length === 0 ? <p>None.</p> : null}
      <ul>
        {effects.map(({ effect_key, kind, executions, receipt }) => (
          <li>
            <code safe>{effect_key}</code>{" "}
            <span safe>
              {`${kind}, begun ${executions} times, ${receipt === null ? "without a receipt" : "with a receipt in tool-io.json"}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Journal({ values }: Readonly<{ values: BundleValues }>): JSX.Element {
  return (
    <section>
      <h2>Journal</h2>
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
              <td safe>{isoOf(at_epoch_ms)}</td>
              <td safe>{kind}</td>
              <td safe>{node}</td>
              <td>
                <code safe>{JSON.stringify(detail)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function HowToVerify(): JSX.Element {
  const attestation =
    "jq -r .payload attestations/run.intoto.jsonl | base64 -d | cmp - attestations/statement.json";
  return (
    <section>
      <h2>How to verify</h2>
      <p>
        This page shows what the files beside it say. In the folder of the bundle, with tools of any Linux or
        macOS:
      </p>
      <pre>{`sha256sum -c ${PAYLOAD_MANIFEST}\nsha256sum -c ${TAG_MANIFEST}\nsha256sum ${TAG_MANIFEST}\n${attestation}`}</pre>
      <p>
        The third command prints the digest of the bundle: compare it with one that you received another way.
        The signature, if there is one, is in <code>{ENVELOPE}</code>. <code>jejakekal verify</code> does all
        of this and checks citations, journal and signature; <code>jejakekal reproduce</code> computes the
        artifacts again.
      </p>
    </section>
  );
}

function Facts({
  facts,
}: Readonly<{ facts: readonly (readonly [name: string, value: string])[] }>): JSX.Element {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <>
          <dt safe>{name}</dt>
          <dd dir="auto" safe>
            {value}
          </dd>
        </>
      ))}
    </dl>
  );
}

function itemsOf(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
