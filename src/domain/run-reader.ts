import type { ArtifactRef, ArtifactType, ContentRef, StoredArtifact, Visibility } from "./artifact.ts";
import type { CommandRecord } from "./command-record.ts";
import type { JournalPart, JournalQuery } from "./journal.ts";
import type { RunStatus } from "./run.ts";
import type { RunRecord, RunSummary } from "./run-record.ts";

/** Where runs are read from: the database, or one bundle. The API and the pages read nothing else. */
export type RunReader = Readonly<{
  /** Null when there is no such run. */
  findRun(runId: string): Promise<RunRecord | null>;
  /** DBOS's status of a run; null when there is no such run. */
  findDbosStatus(runId: string): Promise<string | null>;
  listRuns(query: RunQuery): Promise<readonly RunSummary[]>;
  /** Newest first. */
  listCommands(query: CommandQuery): Promise<readonly CommandRecord[]>;
  /** A part of the journal of a run; without events when there is no such run. */
  readJournal(runId: string, query: JournalQuery): Promise<JournalPart>;
  findArtifact(ref: ArtifactRef): Promise<StoredArtifact | null>;
  /** Newest first. */
  listArtifacts(query: ArtifactQuery): Promise<readonly StoredArtifact[]>;
  /**
   * The bytes of an artifact, checked against its sha256.
   * @throws Failure `artifact_erased`; `internal_error` when they are missing or altered
   */
  getContent(artifact: ContentRef): Promise<Uint8Array>;
}>;

export type RunQuery = Readonly<{
  status?: RunStatus | undefined;
  /** Part of a run id or of a title, in any case. */
  text?: string | undefined;
  /** Media type of the document, without parameters. */
  type?: string | undefined;
  /** Only runs with a doubtful passage that nobody has reviewed. */
  hasDoubt?: boolean | undefined;
  /** Only runs that were started at this time or later. */
  startedFrom?: number | undefined;
  /** Only runs that were started earlier. */
  startedBefore?: number | undefined;
  /** `newest` when it is not given. */
  order?: RunOrder | undefined;
  limit: number;
  /** Only what comes after this run in the list. */
  before?: string | undefined;
}>;

/** What a list of runs can be ordered by, beside the start of the runs. */
export const RUN_SORTS = ["title", "state", "doubts", "waited", "worked"] as const;

export type RunSort = (typeof RUN_SORTS)[number];

/** By the start of the runs, or by a column: with `-` from the greatest to the least. */
export type RunOrder = "newest" | "oldest" | RunSort | `-${RunSort}`;

export const RUN_ORDERS: readonly RunOrder[] = [
  "newest",
  "oldest",
  ...RUN_SORTS.flatMap((sort) => [sort, `-${sort}`] as const),
];

export type CommandQuery = Readonly<{
  status?: RunStatus | undefined;
  /** Part of a run id, a command word, a file name or a title, in any case. */
  text?: string | undefined;
  limit: number;
  /** Only commands after this one in the list. */
  before?: number | undefined;
}>;

export type ArtifactQuery = Readonly<{
  type?: ArtifactType | undefined;
  visibility?: Visibility | undefined;
  /** Part of a title or of a run id; upper and lower case are the same. */
  text?: string | undefined;
  /** The artifact has these bytes, or was made from them. */
  sha256?: string | undefined;
  limit: number;
  /** Only those that follow this one in the list. */
  before?: ArtifactRef | undefined;
}>;
