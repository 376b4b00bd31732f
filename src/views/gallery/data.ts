import { canonicalJsonBytes } from "../../canonical-json.ts";
import { buildChunkIndex, buildDocIR, buildMemo, loadTokenizer } from "../../document/index.ts";
import type { Memo } from "../../document/schema.ts";
import { ARTIFACT_TYPES, ARTIFACTS, type ArtifactType } from "../../domain/artifact.ts";
import type { EventKind } from "../../domain/journal.ts";
import { functionIdOf, RUN_STEPS, type RunStep, runStatusOf } from "../../domain/run.ts";
import type { RunSummary } from "../../domain/run-record.ts";
import { FAILURES } from "../../failure.ts";
import { type BatchView, batchViewOf } from "../../projection/batch-view.ts";
import type { CommandView } from "../../projection/command-view.ts";
import type { JournalView } from "../../projection/journal-view.ts";
import { type OverviewView, overviewViewOf } from "../../projection/overview-view.ts";
import type { PageParams } from "../../projection/page-params.ts";
import type { ReviewView } from "../../projection/review-view.ts";
import { type RunSummaryView, runSummaryViewOf } from "../../projection/run-summary-view.ts";
import type {
  ArtifactView,
  AttachmentView,
  RunHeader,
  RunView,
  TimelineEntry,
} from "../../projection/run-view.ts";
import type { SearchAnswer } from "../../search/answer.ts";
import { sha256Hex } from "../../sha256.ts";
import type { CompareModel } from "../compare/compare.tsx";
import type { ArtifactDetail } from "../model.ts";

/** API responses as literals. The document goes through the real pipeline, so its artifacts are real. */

export const NOW = Date.UTC(2026, 10, 23, 14, 5, 30);

export const NO_PARAMS: PageParams = {
  sleepMs: null,
  pollIntervalMs: null,
  pollMaxIntervalMs: null,
  pollTimeoutMs: null,
};

const SOURCE = `# Harbour report, second quarter

The harbour moved 412,900 tonnes between 1 April and 30 June 2026, eight percent more than a year before. Handling cost
$30.50 per tonne, down from $33.10.

## Cranes

Crane 4 stood still for eleven days in May. The log for 14 May is hard to read [low] and was typed again by hand.

- north quay: three cranes
- south quay: two cranes, one of them leased

## Tonnage

| quay  | tonnes  | ships |
|-------|---------|-------|
| north | 268,400 | 91    |
| south | 144,500 | 58    |

> The lease of the second crane ends on 31 December 2026.

\`\`\`
SELECT quay, sum(tonnes) FROM calls GROUP BY quay
\`\`\`
`;

const TITLE = "Harbour report, second quarter";

const RUN_ID = "0f6d1c9e-5b0a-4a53-9d0e-7d1f0c2b9a44";
const MEDIA_TYPE = "text/markdown; charset=utf-8";

await loadTokenizer();
const bytes = new TextEncoder().encode(SOURCE);
const docir = await buildDocIR({ bytes, mediaType: MEDIA_TYPE, filename: "harbour.md" });
const docirSha = sha256Hex(canonicalJsonBytes(docir));

const documentOf = (text: string, mediaType: string) =>
  buildDocIR({ bytes: new TextEncoder().encode(text), mediaType, filename: "document" });

/** More rows than a page shows at once. */
export const SHEET = await documentOf(
  `quay,cargo,tonnes\n${Array.from({ length: 250 }, (_, row) => `Q${row + 1},grain <bulk> & more,${(row + 1) * 8}`).join("\n")}\n`,
  "text/csv",
);

export const RIGHT_TO_LEFT = await documentOf(
  "# تقرير الميناء\n\nوصلت 12 سفينة في شهر مايو.\n\n1. سفن الحبوب\n2. سفن النفط\n\n> لم يصب أحد.\n",
  "text/markdown",
);

export const ALL_BLOCKS = await documentOf(
  "# Title\n\nA first paragraph[^1].\n\n3. third\n4. fourth\n   - inner\n\n- [x] done\n- [ ] second, open\n\n> A quote.\n\n```js\nlet x = 1 < 2;\n```\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n---\n\nDoubtful. [low]\n\n[^1]: A note.\n",
  "text/markdown",
);
const chunkIndex = buildChunkIndex({ docir, docirSha });
const chunkIndexSha = sha256Hex(canonicalJsonBytes(chunkIndex));
const memo = buildMemo({ docir, docirSha, chunkIndex, chunkIndexSha });

/** The memo of a document without text. */
export const EMPTY_MEMO: Memo = {
  ...memo,
  title: null,
  keySentences: [],
  review: [],
  figures: [],
  outline: [],
  duplicates: [],
};

const CONTENT: Readonly<Record<ArtifactType, unknown>> = {
  raw: SOURCE,
  docir,
  "chunk-index": chunkIndex,
  memo,
};

const SHA: Readonly<Record<ArtifactType, string>> = {
  raw: sha256Hex(bytes),
  docir: docirSha,
  "chunk-index": chunkIndexSha,
  memo: sha256Hex(canonicalJsonBytes(memo)),
};

const RECEIPT_SHA = sha256Hex("a receipt");

/** The hashes of the artifacts that one of this type is derived from. */
function inputHashesOf(type: ArtifactType): readonly string[] {
  return ARTIFACTS[type].inputs.map((input) => SHA[input]);
}

export const CITED =
  memo.figures.find(({ text }) => text === "$30.50")?.cite ?? memo.figures[0]?.cite ?? null;

export function artifactOf(type: ArtifactType): ArtifactView {
  return {
    id: `${RUN_ID}:${type}`,
    run_id: RUN_ID,
    type,
    status: "stored",
    title: type === "raw" ? "harbour.md" : "Harbour report, second quarter",
    format: type === "raw" ? MEDIA_TYPE : `jejakekal.${type}/1`,
    media_type: type === "raw" ? MEDIA_TYPE : "application/json",
    sha256: SHA[type],
    bytes: type === "raw" ? bytes.length : canonicalJsonBytes(CONTENT[type]).length,
    visibility: ARTIFACTS[type].visibility,
    created_at: NOW - 60_000,
    cost: { duration_ms: 14 },
  };
}

export function detailOf(type: ArtifactType): ArtifactDetail {
  return {
    meta: artifactOf(type),
    content: CONTENT[type],
    prov: {
      run_id: RUN_ID,
      producer_function_id: functionIdOf(ARTIFACTS[type].producerStep),
      producer_step: ARTIFACTS[type].producerStep,
      inputs: inputHashesOf(type),
      recipe: type === "raw" ? { name: "as-received" } : { name: `jejakekal.${type}`, version: "1" },
    },
  };
}

const DURATION_MS: Readonly<Record<RunStep, number>> = {
  prepare: 12,
  "DBOS.sleep": 90_000,
  docir: 41,
  "chunk-index": 9,
  memo: 14,
  "side-effect": 8,
  finalize: 5,
};

/** A run with its first `done` steps completed, in any DBOS status. */
export function runOf(
  dbosStatus: string,
  { done = RUN_STEPS.length, ...header }: Partial<RunHeader> & { done?: number } = {},
): RunView {
  const createdAt = NOW - 95_000;
  let at = createdAt + 6;
  const timeline = RUN_STEPS.slice(0, done).map((step, id) => {
    const entry = stepOf(step, id, at);
    at += DURATION_MS[step] + 4;
    return entry;
  });
  const status = runStatusOf(dbosStatus);
  return {
    run_id: RUN_ID,
    status,
    dbos_status: dbosStatus,
    header: {
      name: "documentRun",
      created_at: createdAt,
      updated_at: at,
      completed_at: status === "running" ? null : at,
      taken_up_at: null,
      recovery_attempts: 1,
      executor_id: "local",
      application_version: "1",
      forked_from: null,
      from_step: null,
      intent: "doc",
      args: { media_type: MEDIA_TYPE, source_sha256: SHA.raw, filename: "harbour.md" },
      payload_sha256: SHA.memo,
      sleep_ms: 90_000,
      effects: [],
      error: null,
      imported: null,
      erased: null,
      attachment_of: null,
      attachments: null,
      ...header,
    },
    timeline,
    artifacts: ARTIFACT_TYPES.filter((type) => functionIdOf(ARTIFACTS[type].producerStep) < done).map(
      artifactOf,
    ),
  };
}

function stepOf(step: RunStep, id: number, startedAt: number): TimelineEntry {
  const made = ARTIFACT_TYPES.find((type) => ARTIFACTS[type].producerStep === step);
  const isEffect = step === "side-effect";
  const inputs = made === undefined ? (isEffect ? Object.values(SHA) : []) : inputHashesOf(made);
  return {
    function_id: id,
    function_name: step,
    started_at_epoch_ms: startedAt,
    completed_at_epoch_ms: startedAt + DURATION_MS[step],
    duration_ms: DURATION_MS[step],
    attempt: step === "docir" ? 2 : 1,
    output: isEffect
      ? { effect_key: `${RUN_ID}:side-effect`, kind: "receipt", executions: 1, inputs, attempt: 1 }
      : made === undefined
        ? { attempt: 1 }
        : { artifact: made, sha256: SHA[made], bytes: 2_745, inputs, attempt: 1 },
    error: null,
    io_hashes: { in: inputs, out: made === undefined ? (isEffect ? [RECEIPT_SHA] : []) : [SHA[made]] },
  };
}

/** A journal whose chain is reported as valid; its hashes are not computed. */
export function journalOf(
  runId: string,
  ...entries: readonly (readonly [EventKind, unknown])[]
): JournalView {
  const sha = (seq: number) => sha256Hex(`${runId} ${seq}`);
  const events = entries.map(([kind, detail], seq) => ({
    seq,
    at_epoch_ms: NOW - 95_000 + seq * 2_700,
    kind,
    node: "local",
    detail,
    prev_sha256: sha(seq - 1),
    sha256: sha(seq),
  }));
  const head = events.at(-1)?.sha256 ?? null;
  return { run_id: runId, chain: { sound: true, broken_at: null, head_sha256: head }, events };
}

/** Two thousand steps: every 97th is a sleep, and one failed. */
export function longRun(): RunView {
  const run = runOf("SUCCESS");
  let at = run.header.created_at;
  const timeline = Array.from({ length: 2_000 }, (_, id): TimelineEntry => {
    const isSleep = id % 97 === 96;
    const ms = isSleep ? 600_000 : 5 + ((id * 7_919) % 60);
    const startedAt = at;
    at += ms + 2;
    return {
      function_id: id,
      function_name: isSleep ? "DBOS.sleep" : `page-${id}`,
      started_at_epoch_ms: startedAt,
      completed_at_epoch_ms: startedAt + ms,
      duration_ms: ms,
      attempt: 1,
      output: { page: id },
      error:
        id === 1_234 ? { code: "step_failed", message: "The step failed. The log has the details." } : null,
      io_hashes: { in: [], out: [] },
    };
  });
  return { ...run, header: { ...run.header, completed_at: at }, timeline };
}

/** One command of each status. */
export function commands(): readonly CommandView[] {
  const lines = [
    ["SUCCESS", RUN_ID, "harbour.md", null, 5],
    ["PENDING", "nightly-import", null, "alpha beta gamma", 12],
    ["ERROR", "b7d0c1aa-1111-4222-8333-944455556666", null, "Invoice 2041, due on receipt", 190],
    [
      "CANCELLED",
      "c1",
      null,
      "a long line that goes on and on until the plane has no more room for it",
      4_000,
    ],
    ["SUSPENDED", "unknown-status", "minutes.md", null, 90_000],
    ["SUCCESS", "right-to-left", null, "تقرير الميناء للربع الثاني", 400_000],
  ] as const;
  return lines.map(([dbosStatus, run_id, filename, preview, secondsAgo], index) => ({
    id: 100 - index,
    cmd: "/doc",
    args: { media_type: MEDIA_TYPE, ...(filename === null ? {} : { filename }) },
    created_at: NOW - secondsAgo * 1_000,
    title: null,
    preview,
    run: {
      run_id,
      status: runStatusOf(dbosStatus),
      dbos_status: dbosStatus,
      created_at: NOW - secondsAgo * 1_000,
      completed_at: runStatusOf(dbosStatus) === "running" ? null : NOW - secondsAgo * 1_000 + 640,
      recovery_attempts: index === 2 ? 2 : 1,
      forked_from: index === 3 ? RUN_ID : null,
      steps: RUN_STEPS.length,
    },
  }));
}

/** Hits with everything that a hit can have, and with nothing that it need not have. */
export function searchAnswer(): SearchAnswer {
  const hit: SearchAnswer["hits"][number] = {
    run_id: "0199aaaa-1111-7222-8333-444455556666",
    artifact_id: "0199aaaa-1111-7222-8333-444455556666:chunk-index",
    chunk_id: "c_0123456789abcdef",
    title: "Invoice <INV> & Co",
    media_type: "text/markdown",
    heading_path: ["Invoice <INV> & Co", "Payment"],
    score: 9_000,
    doubtful: false,
    matched: [
      ["net", "word"],
      ["amounts", "form"],
      ["amount", "similar"],
    ],
    snippet: { text: "The net <amount> of 1200 EUR is due within thirty days.", highlights: [[4, 7]] },
    span: [10, 80],
    source: { block_id: "b_0123456789abcdef", span: [14, 17] },
    duplicates: 0,
  };
  return {
    query: "net amonut",
    total: 1_234,
    unindexed: 3,
    did_you_mean: "net amount",
    hits: [
      hit,
      { ...hit, run_id: "report", page: 12, doubtful: true, duplicates: 2, heading_path: [] },
      {
        ...hit,
        run_id: "arabic",
        title: "فاتورة",
        snippet: { text: "المبلغ الصافي مستحق", highlights: [[0, 6]] },
      },
    ],
    next: "1.2.3.0123abcd",
  };
}

/** A fork with another memo, one step that only the parent has, and a step that failed. */
export function comparedRuns(): CompareModel {
  const side = { duration_ms: 1_200, attempt: 2, error: null };
  const artifact = { sha256: "a7".repeat(32), bytes: 12_345 };

  return {
    kind: "comparison",
    comparison: {
      left: "0199aaaa-1111-7222-8333-444455556666",
      right: "fork-of-it",
      equal: false,
      steps: [
        {
          function_id: 0,
          function_name: "prepare",
          result: "equal",
          left: side,
          right: side,
          difference: null,
        },
        {
          function_id: 4,
          function_name: "memo",
          result: "different",
          left: side,
          right: { duration_ms: null, attempt: 1, error: "FAILED_DOCUMENT" },
          difference: { pointer: "/error", left: "FAILED_TOO_LARGE", right: "<b>FAILED_DOCUMENT</b>" },
        },
        {
          function_id: 6,
          function_name: "finalize",
          result: "only_left",
          left: side,
          right: null,
          difference: null,
        },
      ],
      artifacts: [
        { id: "raw", result: "equal", left: artifact, right: artifact, difference: null },
        {
          id: "memo",
          result: "different",
          left: artifact,
          right: { ...artifact, sha256: "b8".repeat(32) },
          difference: { pointer: "/title/text", left: "A title", right: undefined },
        },
      ],
    },
    memos: { left: memo, right: { ...memo, keySentences: memo.keySentences.slice(1) } },
    docirs: { left: null, right: null },
  };
}

/** An open passage, and one that was corrected. */
export function reviewItems(): readonly ReviewView[] {
  const item: ReviewView = {
    id: "run-1:q_0123456789abcdef",
    run_id: "run-1",
    title: "Invoice <INV> & Co",
    media_type: "text/markdown",
    reason: "low_marker",
    confidence: 0.4,
    quote: "The net <amount> is 12OO EUR [low].",
    before: "Payment\n",
    after: "\nIt is due within thirty days.",
    block_id: "b_0123456789abcdef",
    span: [10, 45],
    decision: null,
  };
  const decision = {
    decision: "corrected",
    note: "1200 <EUR> & not 12OO",
    by: "ada",
    via: "page",
    at: NOW,
  } as const;
  return [item, { ...item, id: "run-1:q_fedcba9876543210", page: 3, before: "", after: "", decision }];
}

/** A batch with one document for each word: a DBOS status, "same" for the first document again, or a refusal. */
export function batchOf(
  states: readonly ("SUCCESS" | "PENDING" | "ERROR" | "CANCELLED" | "same" | "refused" | "too large")[],
): BatchView {
  const noRun = { runId: null, dbosStatus: null, error: null, title: null, steps: 0 };
  const items = states.map((state, index) => {
    const document = { filename: `document-${index + 1}.md`, bytes: 2_745 * (index + 1), refusal: null };
    if (state === "refused") {
      const message = FAILURES.unsupported_media_type;
      const refusal = { error: "unsupported_media_type", message, media_type: "image/png" };
      return { ...document, ...noRun, refusal };
    }
    if (state === "too large") {
      const refusal = { error: "payload_too_large", limit_bytes: 33_554_432 };
      return { ...document, ...noRun, refusal };
    }
    const isSame = state === "same";
    return {
      ...document,
      runId: isSame ? RUN_ID : index === 0 ? RUN_ID : `run-${index}`,
      dbosStatus: isSame ? "SUCCESS" : state,
      error: state === "ERROR" ? "FAILED_DOCUMENT" : null,
      title: state === "SUCCESS" ? "Harbour report, second quarter" : null,
      steps: 3,
    };
  });
  return batchViewOf({
    batchId: "3c1e7f52-9a10-4d3b-8b7e-0c9f3f2a1d44",
    createdAtEpochMs: NOW - 60_000,
    items,
  });
}

/** A row of the list of runs in each state. */
export function runList(): readonly RunSummaryView[] {
  const steps = RUN_STEPS.map((functionName, index) => ({
    functionName,
    startedAtEpochMs: NOW - 60_000 + index * 1_000,
    completedAtEpochMs: NOW - 60_000 + index * 1_000 + (functionName === "DBOS.sleep" ? 900 : 40 * index),
    hasFailed: false,
  }));
  const row = (runId: string, dbosStatus: string, title: string | null, more: Partial<RunSummary> = {}) =>
    runSummaryViewOf(
      {
        runId,
        dbosStatus,
        createdAtEpochMs: NOW - 60_000,
        updatedAtEpochMs: NOW - 50_000,
        completedAtEpochMs: dbosStatus === "PENDING" ? null : NOW - 50_000,
        executorId: "node-1",
        recoveryAttempts: 1,
        forkedFrom: null,
        title,
        mediaType: "text/markdown",
        openDoubts: 0,
        lastFork: null,
        operations: steps,
        ...more,
      },
      NOW,
    );
  const broken = steps.slice(0, 3).map((step, index) => ({ ...step, hasFailed: index === 2 }));
  return [
    row(RUN_ID, "SUCCESS", TITLE, { openDoubts: 3 }),
    row("nightly-import", "PENDING", null, { operations: steps.slice(0, 4) }),
    row("b7d0c1aa-1111-4222-8333-944455556666", "ERROR", "Invoice 2041", {
      operations: broken,
      lastFork: "c1",
    }),
    row("c1", "SUCCESS", "تقرير الميناء للربع الثاني", {
      forkedFrom: "b7d0c1aa-1111-4222-8333-944455556666",
    }),
    row("x".repeat(120), "CANCELLED", "w".repeat(200), { operations: steps.slice(0, 1) }),
    row("other", "SUSPENDED", "<b>A status of a later version</b>", { operations: [] }),
  ];
}

/** A day with runs in each state. */
export function overview(): OverviewView {
  const run = (
    runId: string,
    dbosStatus: string,
    secondsAgo: number,
    title: string | null,
    error: string | null,
  ) => ({
    runId,
    dbosStatus,
    createdAtEpochMs: NOW - secondsAgo * 1_000,
    title,
    error,
  });
  const statuses = ["SUCCESS", "PENDING", "ERROR", "CANCELLED"];
  return overviewViewOf({
    nowEpochMs: NOW,
    runs: 1_204,
    open: [
      { dbosStatus: "PENDING", count: 3 },
      { dbosStatus: "ERROR", count: 7 },
      { dbosStatus: "CANCELLED", count: 2 },
    ],
    recent: Array.from({ length: 24 }, (_, hour) => ({
      hour,
      dbosStatus: statuses[hour % 7] ?? "SUCCESS",
      count: ((hour * 37) % 23) + 1,
    })),
    oldestUnfinished: [
      run("nightly-import", "PENDING", 4_000, null, null),
      run(RUN_ID, "ENQUEUED", 90, TITLE, null),
    ],
    lastFailures: [
      run("b7d0c1aa-1111-4222-8333-944455556666", "ERROR", 600, "Invoice 2041", "an error"),
      run("c1", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", 90_000, "تقرير الميناء للربع الثاني", null),
    ],
    steps: RUN_STEPS.filter((name) => name !== "DBOS.sleep").map((name, index) => ({
      name,
      count: 300,
      p50Ms: 4 + index * 7,
      p95Ms: 20 + index * 400,
    })),
  });
}

/** One attachment in each state. */
export function attachmentsOfMail(): readonly AttachmentView[] {
  const attachment = (n: number, fields: Partial<AttachmentView>): AttachmentView => ({
    n,
    run_id: `attachment-${n}`,
    reason: null,
    filename: `table ${n}.csv`,
    media_type: "text/csv; charset=utf-8",
    bytes: 2_745,
    sha256: SHA.raw,
    status: "done",
    dbos_status: "SUCCESS",
    erased: false,
    ...fields,
  });
  const without = (reason: string) => ({ run_id: null, reason, status: null, dbos_status: null });
  return [
    attachment(1, {}),
    attachment(2, {
      filename: "secret <b>.pdf",
      media_type: "application/pdf",
      status: "error",
      dbos_status: "ERROR",
    }),
    attachment(3, { filename: null, status: "running", dbos_status: "ENQUEUED" }),
    attachment(4, { erased: true }),
    attachment(5, { status: null, dbos_status: null }),
    ...["empty", "not_readable", "nested", "limit", "run_id_taken"].map((reason, index) =>
      attachment(6 + index, without(reason)),
    ),
  ];
}
