import { CHECKS, type CheckName, type CheckResult, type Finding } from "../../bundle/verify/check.ts";
import { canonicalJsonBytes } from "../../canonical-json.ts";
import type { DocIR, Memo } from "../../document/index.ts";
import { ARTIFACT_TYPES, ARTIFACTS, type ArtifactType } from "../../domain/artifact.ts";
import { functionIdOf } from "../../domain/run.ts";
import { FAILURES } from "../../failure.ts";
import { documentWindowOf } from "../../projection/document-window.ts";
import { rawWindowOf } from "../../projection/raw-window.ts";
import type { EffectView } from "../../projection/run-view.ts";
import {
  renderBatchPage,
  renderBulkChange,
  renderChangePage,
  renderCompare,
  renderHelp,
  renderRefusal,
  renderReview,
  renderRunList,
  renderSearch,
} from "../fragments.tsx";
import type {
  AssetUrls,
  CommandListModel,
  ConversationModel,
  ExecutionModel,
  PageModel,
  Place,
  Problem,
  ViewerModel,
} from "../model.ts";
import { EMPTY_RUN_FIELDS } from "../run-list/fields.ts";
import { EMPTY_FIELDS } from "../search/search.tsx";
import {
  ALL_BLOCKS,
  artifactOf,
  attachmentsOfMail,
  batchOf,
  CITED,
  comparedRuns,
  detailOf,
  EMPTY_MEMO,
  journalOf,
  longRun,
  NO_PARAMS,
  NOW,
  overview,
  RIGHT_TO_LEFT,
  reviewItems,
  runList,
  runOf,
  SHEET,
  searchAnswer,
} from "./data.ts";

/** The differences of a case from the empty page. */
export type Case = Pick<PageModel, "execution" | "viewer" | "plane"> &
  Readonly<{
    notice?: PageModel["notice"];
    bundle?: PageModel["bundle"];
    conversation?: Partial<ConversationModel>;
    commandList?: Partial<Extract<CommandListModel, { kind: "list" }>>;
  }>;

const NO_PLACE: Place = { span: null, bytes: null, at: null, row: null };
const IDLE: ExecutionModel = { kind: "idle" };
const EMPTY: ViewerModel = { kind: "empty" };
export const NO_FILTERS = { status: "", q: "", before: "" } as const;

function run(
  view: ReturnType<typeof runOf>,
  more: Partial<Extract<ExecutionModel, { kind: "run" }>> = {},
): ExecutionModel {
  return {
    kind: "run",
    run: view,
    journal: journalOf(view.run_id, ["accepted", {}], ["started", {}]),
    nowEpochMs: NOW,
    step: null,
    from: null,
    poll: null,
    expired: false,
    deduplicated: false,
    isReadOnly: false,
    origin: "http://127.0.0.1:4110",
    params: NO_PARAMS,
    ...more,
  };
}

/** What `jejakekal view` shows. */
function viewed(outcome: "sound" | "altered", findings: readonly Finding[]): Case {
  const checks = Object.entries(CHECKS).map(([check, says]): CheckResult => {
    const isFailed = check === "checksums" && findings.length > 0;
    return {
      check: check as CheckName,
      result: isFailed ? "failed" : "passed",
      says,
      findings: isFailed ? findings : [],
    };
  });
  const imported = { bundle_sha256: "5".repeat(64), key_id: null, at_epoch_ms: null };
  return {
    plane: "execution",
    execution: run(runOf("SUCCESS", { imported }), { isReadOnly: true }),
    viewer: opened("memo"),
    conversation: { isReadOnly: true },
    bundle: {
      path: "harbour.zip",
      verification: {
        outcome,
        runId: DONE.run_id,
        bundleDigest: "5".repeat(64),
        keyId: null,
        erasure: null,
        checks,
      },
    },
  };
}

function problem(code: string, message: string, more: Partial<Problem> = {}): Problem {
  return { status: 404, code, message, detail: {}, transient: false, ...more };
}

/** @param raw the bytes of a received document, where they are not those of the gallery */
function opened(
  type: ArtifactType,
  place: Partial<Place> = {},
  content?: unknown,
  { raw, mediaType }: Readonly<{ raw?: Uint8Array; mediaType?: string }> = {},
): ViewerModel {
  const detail = detailOf(type);
  const meta = { ...detail.meta, media_type: mediaType ?? detail.meta.media_type };
  const wanted = { ...NO_PLACE, ...place };
  const shown =
    content ?? contentOf(type, wanted, raw ?? Buffer.from(String(detail.content)), meta.media_type);
  const isDocument = type === "raw" || type === "docir";
  return {
    kind: "artifact",
    detail: { ...detail, meta, content: shown },
    run: runOf("SUCCESS"),
    place: wanted,
    beside: isDocument ? (detailOf("memo").content as Memo) : null,
    params: NO_PARAMS,
  };
}

function contentOf(type: ArtifactType, place: Place, raw: Uint8Array, mediaType: string): unknown {
  const { content } = detailOf(type);
  if (type === "docir") return documentWindowOf(canonicalJsonBytes(content), place);
  return type === "raw" ? rawWindowOf(raw, mediaType, place.bytes, place.at) : content;
}

/** A document of another format, beside the memo of the gallery. */
function document(docir: DocIR, cited: string): ViewerModel {
  const at = docir.text.indexOf(cited);
  const place = { ...NO_PLACE, span: [at, at + cited.length] as const };
  return opened("docir", place, documentWindowOf(canonicalJsonBytes(docir), place));
}

export const DONE = runOf("SUCCESS");
const UNREACHABLE = problem("api_unavailable", "The API does not answer. Is it running?", {
  status: 503,
  transient: true,
});
const HOSTILE = `<script>alert(1)</script> "><img src=x onerror=alert(1)> \u202Egnp.exe\n${"x".repeat(100_000)}\n`;

/** Every view in every state, built from literals. */
export const CASES: Readonly<Record<string, () => Case>> = {
  "idle, nothing yet": () => ({
    plane: "conversation",
    execution: IDLE,
    viewer: EMPTY,
    commandList: { list: { commands: [], next: null }, currentRunId: null },
  }),
  overview: () => ({
    plane: "execution",
    execution: { kind: "idle", overview: overview() },
    viewer: EMPTY,
    commandList: { currentRunId: null },
  }),
  "overview, nothing failed": () => ({
    plane: "execution",
    execution: { kind: "idle", overview: { ...overview(), last_failures: [], oldest_unfinished: [] } },
    viewer: EMPTY,
  }),
  idle: () => ({
    plane: "conversation",
    execution: IDLE,
    viewer: EMPTY,
    commandList: { currentRunId: null },
  }),
  starting: () => ({
    plane: "execution",
    execution: run(runOf("PENDING", { done: 0 })),
    viewer: pendingMemo(),
  }),
  asleep: () => ({
    plane: "execution",
    execution: run(runOf("PENDING", { done: 2 }), { nowEpochMs: NOW - 40_000 }),
    viewer: pendingMemo(),
  }),
  "an artifact too large to show": () => {
    const viewer = opened("docir");
    if (viewer.kind !== "artifact") return { plane: "artifact", execution: run(DONE), viewer };
    const meta = { ...viewer.detail.meta, bytes: 88_689_460 };
    const detail = { ...viewer.detail, meta, content: null };
    return { plane: "artifact", execution: run(DONE), viewer: { ...viewer, detail } };
  },
  running: () => ({
    plane: "execution",
    execution: run(runOf("PENDING", { done: 4 })),
    viewer: pendingMemo(),
  }),
  done: () => ({ plane: "execution", execution: run(DONE), viewer: opened("memo") }),
  "a citation": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: {
      kind: "citation",
      lineage: {
        run_id: DONE.run_id,
        status: DONE.status,
        dbos_status: DONE.dbos_status,
        citation: { id: "q_18f9d3d4d1891b30", text: "High water at 06:12, 4.1 m." },
        places: DONE.artifacts.toReversed().map(({ id, type, sha256 }) => ({
          artifact_id: id,
          type,
          sha256,
          function_id: functionIdOf(ARTIFACTS[type].producerStep),
          function_name: ARTIFACTS[type].producerStep,
          pointer: type === "raw" ? null : "/chunks/0",
          id: type === "chunk-index" ? "c_c87d98ea82ecbbf9" : null,
          span: type === "raw" || type === "docir" ? ([2, 29] as const) : null,
        })),
      },
    },
  }),
  "a bundle that verifies": () => viewed("sound", []),
  "a bundle that was altered": () =>
    viewed("altered", [
      {
        file: "data/artifacts/memo.json",
        reason: `has the sha256 ${"0".repeat(64)}, and manifest-sha256.txt says another`,
      },
    ]),
  "a step marked": () => ({ plane: "execution", execution: run(DONE, { step: 4 }), viewer: opened("memo") }),
  deduplicated: () => ({
    plane: "execution",
    execution: run(DONE, { deduplicated: true }),
    viewer: opened("memo"),
    notice: {
      kind: "message",
      text: "This request was sent before. This is its run; no step ran twice.",
    },
  }),
  recovered: () => ({
    plane: "execution",
    execution: run(runOf("SUCCESS", { recovery_attempts: 3, taken_up_at: NOW - 50_000 }), {
      journal: journalOf(
        DONE.run_id,
        ["accepted", {}],
        ["started", {}],
        ["attempt_failed", { step: "docir", attempt: 1, code: "ECONNREFUSED" }],
        ["deduplicated", {}],
        ["recovered", { from_node: "local", gap_ms: 1_240 }],
        ["recovered", { from_node: "local", gap_ms: 64_000 }],
        ["finished", { status: "done", artifact_set_digest: "5d".repeat(32) }],
        ["exported", { manifest_sha256: "a7".repeat(32), partial: false }],
        ["forked", { run_id: "nightly-import", from_step: 4, via: "api" }],
      ),
    }),
    viewer: opened("memo"),
  }),
  failed: () => ({ plane: "execution", execution: run(failed()), viewer: EMPTY }),
  "failed, continued by a fork": () => ({
    plane: "execution",
    execution: run(failed(), {
      journal: journalOf(
        DONE.run_id,
        ["accepted", {}],
        ["forked", { run_id: "nightly-import", from_step: 6, via: "page" }],
      ),
    }),
    viewer: EMPTY,
  }),
  "asleep until tomorrow": () => ({
    plane: "execution",
    execution: run(sleepingUntil(NOW + 86_220_000), { nowEpochMs: NOW }),
    viewer: pendingMemo(),
  }),
  cancelled: () => ({
    plane: "execution",
    execution: run(runOf("CANCELLED", { done: 2, completed_at: NOW - 60_000 }), {
      journal: cancelledJournal(),
    }),
    viewer: EMPTY,
  }),
  "retries exceeded": () => ({
    plane: "execution",
    execution: run(runOf("MAX_RECOVERY_ATTEMPTS_EXCEEDED", { done: 3, recovery_attempts: 50 })),
    viewer: EMPTY,
  }),
  forked: () => ({
    plane: "execution",
    execution: run(runOf("SUCCESS", { forked_from: "nightly-import", from_step: 4 }), {
      journal: journalOf(DONE.run_id, ["accepted", { forked_from: "nightly-import", from_step: 4 }]),
    }),
    viewer: opened("memo"),
  }),
  "a mail with attachments": () => ({
    plane: "execution",
    execution: run(
      runOf("SUCCESS", {
        args: { media_type: "message/rfc822", filename: "harbour.eml" },
        attachments: { total: 120, list: attachmentsOfMail() },
      }),
    ),
    viewer: opened("memo"),
  }),
  "an attachment of a mail": () => ({
    plane: "execution",
    execution: run(runOf("SUCCESS", { attachment_of: { run_id: "harbour-mail", n: 2 } }), {
      journal: journalOf(DONE.run_id, ["accepted", { attachment_of: { run_id: "harbour-mail", n: 2 } }]),
    }),
    viewer: opened("memo"),
  }),
  "forked several times": () => ({
    plane: "execution",
    execution: run(runOf("SUCCESS", { effects: [UNCERTAIN, { ...UNCERTAIN, kind: "webhook" }] }), {
      journal: journalOf(
        DONE.run_id,
        ["accepted", {}],
        ...[0, 2, 4, 6, 0].map((step): readonly ["forked", unknown] => [
          "forked",
          { run_id: `of-step-${step}`, from_step: step, via: "page" },
        ]),
      ),
    }),
    viewer: opened("memo"),
  }),
  "unknown status": () => ({
    plane: "execution",
    execution: run(runOf("SUSPENDED", { done: 2 })),
    viewer: EMPTY,
  }),
  "no longer watching": () => ({
    plane: "execution",
    execution: run(runOf("PENDING", { done: 2 }), { expired: true }),
    viewer: EMPTY,
  }),
  "no such run": () => ({
    plane: "execution",
    execution: {
      kind: "problem",
      problem: problem("run_not_found", FAILURES.run_not_found, {
        detail: { run_id: "no-such-run" },
      }),
      runId: null,
      poll: null,
    },
    viewer: EMPTY,
  }),
  "no answer": () => ({
    plane: "execution",
    execution: { kind: "problem", problem: UNREACHABLE, runId: DONE.run_id, poll: null },
    viewer: EMPTY,
    conversation: {
      commandList: {
        kind: "problem",
        problem: UNREACHABLE,
        filters: NO_FILTERS,
        pathname: "/",
        params: NO_PARAMS,
      },
    },
  }),
  "no answer, retrying": () => ({
    plane: "execution",
    execution: {
      kind: "problem",
      problem: UNREACHABLE,
      runId: DONE.run_id,
      poll: { url: `/ui/runs/${DONE.run_id}/poll`, everyMs: 1_000 },
    },
    viewer: pendingMemo(),
  }),
  "a retried step under way": () => ({
    plane: "execution",
    execution: run(runOf("PENDING", { done: 2 }), {
      journal: journalOf(
        DONE.run_id,
        ["accepted", {}],
        ["attempt_failed", { step: "docir", attempt: 1, code: "ECONNREFUSED" }],
      ),
    }),
    viewer: pendingMemo(),
  }),
  "a broken journal": () => ({
    plane: "execution",
    execution: run(DONE, {
      journal: {
        ...journalOf(DONE.run_id, ["accepted", {}], ["started", {}], ["finished", { status: "done" }]),
        chain: { sound: false, broken_at: 1, head_sha256: "5d".repeat(32) },
      },
    }),
    viewer: opened("memo"),
  }),
  "cancelled before it made anything": () => ({
    plane: "execution",
    execution: run(runOf("CANCELLED", { done: 0 })),
    viewer: EMPTY,
  }),
  exported: () => ({
    plane: "execution",
    execution: run(DONE),
    viewer: opened("memo"),
    notice: { kind: "message", text: `Exported to .cache/run-bundles/${DONE.run_id}` },
  }),
  "two thousand steps": () => ({
    plane: "execution",
    execution: run(longRun(), { step: 1_234 }),
    viewer: EMPTY,
  }),
  "a command refused": () => ({
    plane: "conversation",
    execution: IDLE,
    viewer: EMPTY,
    conversation: { typed: "/nonsense" },
    notice: {
      kind: "problem",
      problem: problem("invalid_command", FAILURES.invalid_command, {
        status: 400,
        detail: { reason: "is not known; /doc TEXT is" },
      }),
    },
  }),
  "/help": () => ({
    plane: "conversation",
    execution: IDLE,
    viewer: EMPTY,
    notice: { kind: "help" },
  }),
  "nothing matches": () => ({
    plane: "conversation",
    execution: IDLE,
    viewer: EMPTY,
    conversation: { filters: { status: "error", q: "harbour", before: "" } },
    commandList: {
      list: { commands: [], next: null },
      filters: { status: "error", q: "harbour", before: "" },
    },
  }),
  raw: () => ({ plane: "artifact", execution: run(DONE), viewer: opened("raw") }),
  "raw, cited": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: opened("raw", { bytes: CITED?.srcBytes ?? null }),
  }),
  "raw, hostile": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: opened("raw", {}, undefined, { raw: Buffer.from(HOSTILE) }),
  }),
  "raw, binary": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: opened("raw", {}, undefined, {
      raw: Uint8Array.of(0, 1, 2, 0xff),
      mediaType: "application/octet-stream",
    }),
  }),
  docir: () => ({ plane: "artifact", execution: run(DONE), viewer: opened("docir") }),
  "a spreadsheet, a cell cited": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: document(SHEET, "1200"),
  }),
  "a right-to-left document": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: document(RIGHT_TO_LEFT, "12"),
  }),
  "a document of all kinds of blocks": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: document(ALL_BLOCKS, "second"),
  }),
  "docir, cited": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: opened("docir", { span: CITED?.span ?? null }),
  }),
  "chunk-index": () => ({ plane: "artifact", execution: run(DONE), viewer: opened("chunk-index") }),
  memo: () => ({ plane: "artifact", execution: run(DONE), viewer: opened("memo") }),
  "memo, without text": () => ({
    plane: "artifact",
    execution: run(DONE),
    viewer: opened("memo", {}, EMPTY_MEMO),
  }),
  "erased artifact": () => {
    const erased = { at_epoch_ms: NOW - 1_000, by: "boss", reason: "the customer asked" };
    return {
      plane: "artifact",
      execution: run(runOf("SUCCESS", { erased })),
      viewer: {
        kind: "problem",
        problem: problem("artifact_erased", FAILURES.artifact_erased, { status: 410 }),
        retry: "/artifacts/a:memo",
      },
    };
  },
  "no such artifact": () => {
    const missing = problem("artifact_not_found", FAILURES.artifact_not_found);
    return {
      plane: "artifact",
      execution: { kind: "problem", problem: missing, runId: null, poll: null },
      viewer: { kind: "problem", problem: missing, retry: "/artifacts/a:raw" },
    };
  },
  "all artifacts": () => ({
    plane: "artifact",
    execution: IDLE,
    viewer: {
      kind: "list",
      artifacts: ARTIFACT_TYPES.toReversed().map(artifactOf),
      filters: { type: "", visibility: "", q: "", sha256: "" },
      next: "/artifacts?before=x",
      nowEpochMs: NOW,
    },
  }),
  "all artifacts, none": () => ({
    plane: "artifact",
    execution: IDLE,
    viewer: {
      kind: "list",
      artifacts: [],
      filters: { type: "memo", visibility: "", q: "harbour", sha256: "" },
      next: null,
      nowEpochMs: NOW,
    },
  }),
};

function batchPage(assets: AssetUrls, states: Parameters<typeof batchOf>[0]): string {
  return renderBatchPage("Batch · gallery", assets, { kind: "batch", batch: batchOf(states) });
}

/** Pages without planes. */
export const SHEETS: Readonly<Record<string, (assets: AssetUrls) => string>> = {
  "a batch under way": (assets) => batchPage(assets, ["SUCCESS", "PENDING", "same", "refused"]),
  "a batch, ended": (assets) => batchPage(assets, ["SUCCESS", "ERROR", "CANCELLED", "refused", "too large"]),
  "a batch without documents": (assets) => batchPage(assets, []),
  "no such batch": (assets) =>
    renderBatchPage("batch_not_found · gallery", assets, {
      kind: "problem",
      problem: problem("batch_not_found", FAILURES.batch_not_found, { detail: { batch_id: "x" } }),
      batchId: "x",
    }),
  "cancel, asking for a reason": (assets) =>
    renderChangePage("Cancel", assets, {
      runId: DONE.run_id,
      verb: "cancel",
      title: "Harbour <b>report</b>",
    }),
  "resume, asking for a reason": (assets) =>
    renderChangePage("Resume", assets, { runId: DONE.run_id, verb: "resume", title: "Harbour report" }),
  help: (assets) => renderHelp(assets, false),
  "a malformed address": (assets) =>
    renderRefusal(
      problem("invalid_run_id", FAILURES.invalid_run_id, { status: 400, detail: { field: "run_id" } }),
      assets,
    ),
  "review queue": (assets) =>
    renderReview("Review (3)", assets, {
      kind: "queue",
      fields: { state: "", reason: "low_marker", run: "run-1" },
      open: 3,
      items: reviewItems(),
      next: 7,
      isFirstPage: false,
      refused: problem("invalid_run_payload", FAILURES.invalid_run_payload, {
        status: 400,
        detail: { field: "note", reason: "is required where the decision is corrected" },
      }),
    }),
  "review queue with nothing open": (assets) =>
    renderReview("Review", assets, {
      kind: "queue",
      fields: { state: "", reason: "", run: "" },
      open: 0,
      items: [],
      next: null,
      isFirstPage: true,
      refused: null,
    }),
  "review queue while the database is away": (assets) =>
    renderReview("Review", assets, {
      kind: "problem",
      fields: { state: "", reason: "", run: "" },
      problem: problem("database_unavailable", FAILURES.database_unavailable, {
        status: 503,
        transient: true,
      }),
    }),
  "compare, before a choice": (assets) =>
    renderCompare("Compare", assets, { kind: "choose", left: "run-1", right: "" }),
  "compare two runs": (assets) => renderCompare("Compare", assets, comparedRuns()),
  "compare a run that is not there": (assets) =>
    renderCompare("Compare", assets, {
      kind: "problem",
      left: "run-1",
      right: "nobody",
      problem: problem("run_not_found", FAILURES.run_not_found, { detail: { run_id: "nobody" } }),
    }),
  "runs as a list": (assets) =>
    renderRunList("Runs", assets, {
      kind: "list",
      fields: { ...EMPTY_RUN_FIELDS, q: "harbour & <b>", order: "oldest" },
      nowEpochMs: NOW,
      isReadOnly: false,
      runs: runList(),
      next: "run-7",
      isFirstPage: false,
    }),
  "runs, none that matches": (assets) =>
    renderRunList("Runs", assets, {
      kind: "list",
      fields: { ...EMPTY_RUN_FIELDS, status: "error" },
      nowEpochMs: NOW,
      isReadOnly: false,
      runs: [],
      next: null,
      isFirstPage: true,
    }),
  "runs with a filter that cannot be read": (assets) =>
    renderRunList("Runs", assets, {
      kind: "problem",
      fields: { ...EMPTY_RUN_FIELDS, to: "yesterday" },
      nowEpochMs: NOW,
      isReadOnly: false,
      problem: problem("invalid_query", FAILURES.invalid_query, {
        status: 400,
        detail: { field: "to", reason: "takes a date such as 2026-01-31" },
      }),
    }),
  "runs of a bundle as a list": (assets) =>
    renderRunList("Runs", assets, {
      kind: "list",
      fields: EMPTY_RUN_FIELDS,
      nowEpochMs: NOW,
      isReadOnly: true,
      runs: runList().slice(0, 1),
      next: null,
      isFirstPage: true,
    }),
  "confirm a change of several runs": (assets) =>
    renderBulkChange("Runs", assets, {
      kind: "confirm",
      fields: { ...EMPTY_RUN_FIELDS, status: "running" },
      action: "cancel",
      runIds: ["run-1", "b7d0c1aa-1111-4222-8333-944455556666"],
      hasMore: true,
    }),
  "confirm a change of no run": (assets) =>
    renderBulkChange("Runs", assets, {
      kind: "confirm",
      fields: EMPTY_RUN_FIELDS,
      action: "resume",
      runIds: [],
      hasMore: false,
    }),
  "result of a change of several runs": (assets) =>
    renderBulkChange("Runs", assets, {
      kind: "result",
      fields: EMPTY_RUN_FIELDS,
      action: "retry",
      outcomes: [
        { runId: "run-1", forkId: "run-2", problem: null },
        {
          runId: "nobody",
          forkId: null,
          problem: problem("run_not_found", FAILURES.run_not_found, { status: 404 }),
        },
      ],
      hasMore: true,
    }),
  "a change of several runs while the database is away": (assets) =>
    renderBulkChange("Runs", assets, {
      kind: "problem",
      fields: EMPTY_RUN_FIELDS,
      problem: problem("database_unavailable", FAILURES.database_unavailable, {
        status: 503,
        transient: true,
      }),
    }),
  "search, before a query": (assets) =>
    renderSearch("Search", assets, { kind: "empty", fields: EMPTY_FIELDS }),
  "search with results": (assets) =>
    renderSearch("Search", assets, {
      kind: "answer",
      fields: { ...EMPTY_FIELDS, q: "net amonut", type: "md", after: "2026-01-31" },
      answer: searchAnswer(),
      isFirstPage: false,
    }),
  "search without a result": (assets) =>
    renderSearch("Search", assets, {
      kind: "answer",
      fields: { ...EMPTY_FIELDS, q: '"net <b>amount</b>"', has: "doubt" },
      answer: { ...searchAnswer(), did_you_mean: "met", total: 0, unindexed: 0, hits: [], next: null },
      isFirstPage: true,
    }),
  "search with a query that cannot be read": (assets) =>
    renderSearch("Search", assets, {
      kind: "problem",
      fields: { ...EMPTY_FIELDS, q: 'net "amount' },
      problem: problem("invalid_query", FAILURES.invalid_query, {
        status: 400,
        detail: { field: "q", reason: "has a quotation mark that is not closed", at: 4 },
      }),
    }),
  "search while the database is away": (assets) =>
    renderSearch("Search", assets, {
      kind: "problem",
      fields: { ...EMPTY_FIELDS, q: "net" },
      problem: problem("database_unavailable", FAILURES.database_unavailable, {
        status: 503,
        transient: true,
      }),
    }),
};

const UNCERTAIN: EffectView = {
  effect_key: `${DONE.run_id}:side-effect`,
  kind: "receipt",
  executions: 1,
  state: "uncertain",
};

function pendingMemo(): ViewerModel {
  return { kind: "pending", runId: DONE.run_id };
}

function cancelledJournal() {
  const why = { via: "cli", by: "ada", reason: "the wrong file" };
  return journalOf(DONE.run_id, ["accepted", {}], ["started", {}], ["cancelled", why]);
}

function sleepingUntil(epochMs: number) {
  const view = runOf("PENDING", { done: 2 });
  const timeline = view.timeline.map((step) =>
    step.function_name === "DBOS.sleep" ? { ...step, completed_at_epoch_ms: epochMs } : step,
  );
  return { ...view, timeline };
}

function failed() {
  const error = {
    code: "FAILED_NO_ARTIFACT",
    message: "An artifact of the run is not stored, or its bytes do not match their hash.",
  };
  const view = runOf("ERROR", { error });
  const timeline = view.timeline.map((step) =>
    step.function_name === "finalize" ? { ...step, error, output: null } : step,
  );
  return { ...view, timeline };
}
