import { type ArtifactRef, artifactIdOf, type StoredArtifact } from "../domain/artifact.ts";
import type { CommandRecord } from "../domain/command-record.ts";
import { journalPartOf } from "../domain/journal.ts";
import { runStatusOf } from "../domain/run.ts";
import type { ArtifactQuery, CommandQuery, RunQuery, RunReader } from "../domain/run-reader.ts";
import type { ImportOrigin, RunRecord, RunSummary } from "../domain/run-record.ts";
import { Failure } from "../failure.ts";
import { runEventsOf, runRecordOf } from "./recorded-run.ts";
import type { BundleContents } from "./verify/contents.ts";

/** Reads the one run of a bundle, in memory. It answers as the database would that has this run alone. */
export function createBundleRunReader(contents: BundleContents, imported: ImportOrigin): RunReader {
  const record: RunRecord = { ...runRecordOf(contents), imported };
  const events = runEventsOf(contents);
  const runId = record.workflow.workflow_uuid;
  const isRun = (id: string) => id === runId;
  return {
    findRun: async (id) => (isRun(id) ? record : null),
    findDbosStatus: async (id) => (isRun(id) ? record.workflow.status : null),
    listRuns: async (query) => [summaryOf(record)].filter((run) => matchesRun(run, query)),
    listCommands: async (query) => [commandOf(record)].filter((command) => matchesCommand(command, query)),
    readJournal: async (id, { from }) => journalPartOf(id, isRun(id) ? events : [], from, true),
    findArtifact: async (ref) => findArtifact(record, ref),
    listArtifacts: async (query) => selectArtifacts(record.artifacts, query),
    async getContent({ runId: id, type }) {
      if (isRun(id) && record.erased !== null) {
        throw new Failure("artifact_erased", { artifact_id: artifactIdOf({ runId: id, type }) });
      }
      const bytes = isRun(id) ? contents.artifactBytes(type) : null;
      if (bytes === null) throw new Failure("internal_error");
      return bytes;
    },
  };
}

function titleOf({ artifacts }: RunRecord): string | null {
  return (artifacts.find(({ type }) => type === "docir") ?? artifacts[0])?.title ?? null;
}

function summaryOf(record: RunRecord): RunSummary {
  const { workflow, operations } = record;
  return {
    runId: workflow.workflow_uuid,
    dbosStatus: workflow.status,
    createdAtEpochMs: workflow.created_at,
    updatedAtEpochMs: workflow.updated_at,
    completedAtEpochMs: workflow.completed_at,
    executorId: workflow.executor_id,
    recoveryAttempts: workflow.recovery_attempts,
    forkedFrom: workflow.forked_from,
    title: titleOf(record),
    mediaType: mediaTypeOf(record),
    openDoubts: 0,
    lastFork: null,
    operations: operations.map((step) => ({
      functionName: step.function_name,
      startedAtEpochMs: step.started_at_epoch_ms,
      completedAtEpochMs: step.completed_at_epoch_ms,
      hasFailed: step.error !== null,
    })),
  };
}

function mediaTypeOf({ artifacts }: RunRecord): string | null {
  return artifacts.find(({ type }) => type === "raw")?.mediaType.split(";", 1)[0] ?? null;
}

/** A bundle keeps the request and not the command; the word is that of the intent. */
function commandOf(record: RunRecord): CommandRecord {
  const { workflow, operations, request } = record;
  return {
    id: 1,
    cmd: `/${request.intent}`,
    args: request.args,
    runId: workflow.workflow_uuid,
    createdAtEpochMs: workflow.created_at,
    dbosStatus: workflow.status,
    updatedAtEpochMs: workflow.updated_at,
    startedAtEpochMs: workflow.created_at,
    completedAtEpochMs: workflow.completed_at,
    recoveryAttempts: workflow.recovery_attempts,
    forkedFrom: workflow.forked_from,
    title: titleOf(record),
    steps: operations.length,
    preview: null,
  };
}

/** Reviews are not in the rows of a run, so a run of a bundle has no open doubt. */
function matchesRun(run: RunSummary, query: RunQuery): boolean {
  const { status, text, type, hasDoubt = false, startedFrom = 0, before } = query;
  const { startedBefore = Number.POSITIVE_INFINITY } = query;
  return (
    (status === undefined || runStatusOf(run.dbosStatus) === status) &&
    (type === undefined || run.mediaType === type) &&
    hasText([run.runId, run.title], text) &&
    run.createdAtEpochMs >= startedFrom &&
    run.createdAtEpochMs < startedBefore &&
    !hasDoubt &&
    before === undefined
  );
}

function matchesCommand(command: CommandRecord, { status, text, before }: CommandQuery): boolean {
  const isOfStatus = status === undefined || runStatusOf(command.dbosStatus ?? "") === status;
  const filename = typeof command.args.filename === "string" ? command.args.filename : null;
  const isListed = before === undefined || command.id < before;
  return isOfStatus && isListed && hasText([command.runId, command.cmd, filename, command.title], text);
}

function hasText(values: readonly (string | null)[], text: string | undefined): boolean {
  if (text === undefined) return true;
  return values.some((value) => value?.toLowerCase().includes(text.toLowerCase()));
}

function findArtifact({ artifacts }: RunRecord, ref: ArtifactRef): StoredArtifact | null {
  return artifacts.find((artifact) => artifactIdOf(artifact) === artifactIdOf(ref)) ?? null;
}

/** Newest first, as the database lists them. */
function selectArtifacts(
  artifacts: readonly StoredArtifact[],
  query: ArtifactQuery,
): readonly StoredArtifact[] {
  const { type, visibility, text, sha256, before, limit } = query;
  const newestFirst = artifacts.toSorted((a, b) => b.producerFunctionId - a.producerFunctionId);
  const start =
    before === undefined
      ? 0
      : newestFirst.findIndex((artifact) => artifactIdOf(artifact) === artifactIdOf(before)) + 1;
  return newestFirst
    .slice(start)
    .filter(
      (artifact) =>
        (type === undefined || artifact.type === type) &&
        (visibility === undefined || artifact.visibility === visibility) &&
        (sha256 === undefined || artifact.sha256 === sha256 || artifact.inputs.includes(sha256)) &&
        hasText([artifact.title, artifact.runId], text),
    )
    .slice(0, limit);
}
