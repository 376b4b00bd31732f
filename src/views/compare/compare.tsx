import type { ComparedArtifact, ComparedStep, Comparison } from "../../bundle/compare.ts";
import { shownValue } from "../../bundle/json-difference.ts";
import type { DocIR, Memo } from "../../document/schema.ts";
import { type AlignedPair, alignLists, MAX_ALIGNED } from "../../projection/aligned-lists.ts";
import { formatBytes, formatCount, formatDuration, shortHash, shortRunId } from "../../projection/format.ts";
import { attribute } from "../attribute.ts";
import type { Problem } from "../model.ts";
import { ProblemNote } from "../problem.tsx";

/** One text of each run; null where it is too large to show, or is not there. */
export type ComparedTexts<Content> = Readonly<{ left: Content | null; right: Content | null }>;

/** What `/compare` and `/runs/:id/diff/:other` show. */
export type CompareModel =
  | Readonly<{ kind: "choose"; left: string; right: string }>
  | Readonly<{ kind: "problem"; left: string; right: string; problem: Problem }>
  | Readonly<{
      kind: "comparison";
      comparison: Comparison;
      /** Null where both runs have the same bytes. */
      memos: ComparedTexts<Memo> | null;
      docirs: ComparedTexts<DocIR> | null;
    }>;

/** Two runs beside each other. */
export function Compare({ model }: Readonly<{ model: CompareModel }>): JSX.Element {
  if (model.kind === "comparison") return <Compared {...model} />;
  return (
    <>
      <h1>Compare two runs</h1>
      <form class="search-form" method="get" action="/compare" aria-label="Compare two runs">
        <RunField name="left" value={model.left} />
        <RunField name="right" value={model.right} />
        <button type="submit" class="primary">
          Compare
        </button>
      </form>
      {model.kind === "problem" ? (
        <ProblemNote problem={model.problem} />
      ) : (
        <p class="quiet">Two ids of runs, such as those of a fork and its parent.</p>
      )}
    </>
  );
}

function RunField({ name, value }: Readonly<{ name: "left" | "right"; value: string }>): JSX.Element {
  return (
    <input
      id={`compare-${name}`}
      name={name}
      value={attribute(value)}
      maxlength="128"
      required
      placeholder={name === "left" ? "One run" : "Another run"}
      aria-label={name === "left" ? "Id of one run" : "Id of another run"}
    />
  );
}

type ComparedProps = Omit<Extract<CompareModel, { kind: "comparison" }>, "kind">;

function Compared({ comparison, memos, docirs }: ComparedProps): JSX.Element {
  const { left, right, equal, steps, artifacts } = comparison;
  const firstId = [...steps, ...artifacts].find(({ result }) => result !== "equal");
  return (
    <>
      <h1>{equal ? "The runs are equal" : "The runs differ"}</h1>
      <p>
        <RunLink runId={left} /> and <RunLink runId={right} /> ·{" "}
        <a href={`/compare?left=${right}&amp;right=${left}`}>exchange the sides</a>
      </p>
      <p class="quiet" safe>
        {`${countDifferent(steps, "step")}, ${countDifferent(artifacts, "artifact")}. Durations, attempts and receipts do not count.`}
      </p>
      <ComparedTable caption="Steps" left={left} right={right}>
        {steps.map((step) => (
          <StepRow step={step} isOpen={step === firstId} />
        ))}
      </ComparedTable>
      <ComparedTable caption="Artifacts" left={left} right={right}>
        {artifacts.map((artifact) => (
          <ArtifactRow artifact={artifact} isOpen={artifact === firstId} comparison={comparison} />
        ))}
      </ComparedTable>
      {memos === null ? (
        ""
      ) : (
        <Texts title="Memo" left={left} right={right} texts={mapTexts(memos, memoLines)} />
      )}
      {docirs === null ? (
        ""
      ) : (
        <Texts title="Blocks" left={left} right={right} texts={mapTexts(docirs, blockLines)} />
      )}
    </>
  );
}

function RunLink({ runId }: Readonly<{ runId: string }>): JSX.Element {
  return (
    <a href={`/runs/${runId}`} title={runId}>
      <code safe>{shortRunId(runId)}</code>
    </a>
  );
}

function countDifferent(items: readonly Readonly<{ result: string }>[], one: string): string {
  const different = items.filter(({ result }) => result !== "equal").length;
  return `${different} of ${formatCount(items.length, one)} ${different === 1 ? "differs" : "differ"}`;
}

type SidesProps = Readonly<{ left: string; right: string }>;

function ComparedTable({
  caption,
  left,
  right,
  children,
}: SidesProps & Readonly<{ caption: string; children: JSX.Element | JSX.Element[] }>): JSX.Element {
  return (
    <div class="compare-frame">
      <table class="compare">
        <caption>{caption as "safe"}</caption>
        <thead>
          <tr>
            <th scope="col">{caption.slice(0, -1) as "safe"}</th>
            <th scope="col">Result</th>
            <SideHeads left={left} right={right} />
          </tr>
        </thead>
        <tbody>{children as "safe"}</tbody>
      </table>
    </div>
  );
}

const RESULTS = {
  equal: ["equal", "plain"],
  different: ["different", "warn"],
  only_left: ["only left", "warn"],
  only_right: ["only right", "warn"],
} as const satisfies Readonly<Record<ComparedStep["result"], readonly [word: string, tone: string]>>;

type Row = Pick<ComparedStep, "result" | "difference">;

/** The result, and where the first difference is; open for the first of the page. */
function ResultCell({ row, isOpen }: Readonly<{ row: Row; isOpen: boolean }>): JSX.Element {
  const [word, tone] = RESULTS[row.result];
  const mark = (
    <span class="mark" data-tone={tone}>
      {word as "safe"}
    </span>
  );
  if (row.difference === null) return mark;
  const { pointer, left, right } = row.difference;
  return (
    <details open={isOpen}>
      <summary>{mark}</summary>
      <p class="compare-place">
        at <code safe>{pointer}</code>
      </p>
      <p class="compare-value">
        <code safe>{shownValue(left)}</code>
      </p>
      <p class="compare-value">
        <code safe>{shownValue(right)}</code>
      </p>
    </details>
  );
}

function StepRow({ step, isOpen }: Readonly<{ step: ComparedStep; isOpen: boolean }>): JSX.Element {
  return (
    <tr data-result={step.result}>
      <th scope="row" safe>
        {`${step.function_id} ${step.function_name}`}
      </th>
      <td>
        <ResultCell row={step} isOpen={isOpen} />
      </td>
      <td safe>{stepInWords(step.left)}</td>
      <td safe>{stepInWords(step.right)}</td>
    </tr>
  );
}

function stepInWords(side: ComparedStep["left"]): string {
  if (side === null) return "–";
  const duration = side.duration_ms === null ? "not ended" : formatDuration(side.duration_ms);
  const attempts = (side.attempt ?? 1) > 1 ? ` · attempt ${side.attempt}` : "";
  return `${duration}${attempts}${side.error === null ? "" : ` · ${side.error}`}`;
}

type ArtifactRowProps = Readonly<{ artifact: ComparedArtifact; isOpen: boolean; comparison: Comparison }>;

function ArtifactRow({ artifact, isOpen, comparison }: ArtifactRowProps): JSX.Element {
  const { id, result } = artifact;
  return (
    <tr data-result={result}>
      <th scope="row" safe>
        {id}
      </th>
      <td>
        <ResultCell row={artifact} isOpen={isOpen} />
      </td>
      {(["left", "right"] as const).map((side) => {
        const found = artifact[side];
        if (found === null) return <td>–</td>;
        return (
          <td>
            <a href={`/artifacts/${comparison[side]}:${id}`}>
              <code safe>{shortHash(found.sha256)}</code>
            </a>{" "}
            <span class="quiet" safe>
              {formatBytes(found.bytes)}
            </span>
          </td>
        );
      })}
    </tr>
  );
}

function mapTexts<Content>(
  { left, right }: ComparedTexts<Content>,
  linesOf: (content: Content) => readonly string[],
): ComparedTexts<readonly string[]> {
  return { left: left && linesOf(left), right: right && linesOf(right) };
}

function memoLines({ title, keySentences, figures, review }: Memo): readonly string[] {
  return [
    ...(title === null ? [] : [title.text]),
    ...keySentences.map(({ text }) => text),
    ...figures.map(({ kind, text }) => `${kind} ${text}`),
    ...review.map(({ cite }) => `to review: ${cite.text}`),
  ];
}

function blockLines({ text, blocks }: DocIR): readonly string[] {
  return blocks.map(({ span }) => text.slice(...span));
}

type TextsProps = SidesProps & Readonly<{ title: string; texts: ComparedTexts<readonly string[]> }>;

function Texts({ title, left, right, texts }: TextsProps): JSX.Element {
  if (texts.left === null || texts.right === null) {
    return (
      <p class="quiet" safe>
        {`${title}: not shown beside each other, because one is missing or too large for a page.`}
      </p>
    );
  }
  const isCut = Math.max(texts.left.length, texts.right.length) > MAX_ALIGNED;
  return (
    <>
      <TextTable title={title} left={left} right={right} pairs={alignLists(texts.left, texts.right)} />
      {isCut ? <p class="quiet">{`Only the first ${MAX_ALIGNED} of each run are compared here.`}</p> : ""}
    </>
  );
}

/** The heads of the columns of the two runs. */
function SideHeads({ left, right }: SidesProps): JSX.Element {
  return (
    <>
      <th scope="col" safe>
        {shortRunId(left)}
      </th>
      <th scope="col" safe>
        {shortRunId(right)}
      </th>
    </>
  );
}

type TextTableProps = SidesProps & Readonly<{ title: string; pairs: readonly AlignedPair[] }>;

function TextTable({ title, left, right, pairs }: TextTableProps): JSX.Element {
  return (
    <div class="compare-frame">
      <table class="compare compare-texts">
        <caption>{title as "safe"}</caption>
        <thead>
          <tr>
            <SideHeads left={left} right={right} />
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <tr data-result={pair.left === pair.right ? "equal" : "different"}>
              <TextCell text={pair.left} isChanged={pair.left !== pair.right} />
              <TextCell text={pair.right} isChanged={pair.left !== pair.right} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const MAX_SHOWN_UNITS = 600;

function TextCell({ text, isChanged }: Readonly<{ text: string | null; isChanged: boolean }>): JSX.Element {
  if (text === null) return <td></td>;
  const shown = text.length <= MAX_SHOWN_UNITS ? text : `${text.slice(0, MAX_SHOWN_UNITS).toWellFormed()}…`;
  return isChanged ? (
    <td dir="auto">
      <mark safe>{shown}</mark>
    </td>
  ) : (
    <td dir="auto" safe>
      {shown}
    </td>
  );
}
