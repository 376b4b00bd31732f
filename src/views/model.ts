import type { Verification } from "../bundle/verify/verify.ts";
import type { Memo } from "../document/schema.ts";
import type { CitationLineage } from "../projection/citation-lineage.ts";
import type { CommandListView } from "../projection/command-view.ts";
import type { JournalView } from "../projection/journal-view.ts";
import type { OverviewView } from "../projection/overview-view.ts";
import type { PageParams } from "../projection/page-params.ts";
import type { ArtifactView, Provenance, RunView } from "../projection/run-view.ts";

/** The props of the views. The pages read the API and build these models; the views only render them. */

/** An API failure as a page shows it. */
export type Problem = Readonly<{
  /** HTTP status; 0 when the browser got no response. */
  status: number;
  code: string;
  message: string;
  /** The other keys of the API's failure body, such as the field, the limit or the DBOS status. */
  detail: Readonly<Record<string, unknown>>;
  /** True when a retry may succeed. */
  transient: boolean;
}>;

/** The address of the next poll and the delay before it. */
export type PollPlan = Readonly<{ url: string; everyMs: number }>;

/** What the execution plane shows. */
export type ExecutionModel =
  | Readonly<{
      kind: "idle";
      /** Null or missing where the page does not have it. */
      overview?: OverviewView | null;
    }>
  | Readonly<{ kind: "problem"; problem: Problem; runId: string | null; poll: PollPlan | null }>
  | Readonly<{
      kind: "run";
      run: RunView;
      /** Null when the journal could not be read; the run is shown without it. */
      journal: JournalView | null;
      nowEpochMs: number;
      /** Function id from `?step=`: this step is open and highlighted. */
      step: number | null;
      /** Function id from `?from=`: the page of steps that holds it is shown. Null: `step` decides, or else the last page. */
      from: number | null;
      /** Null when the run has ended, or when `pollTimeoutMs` has passed (`expired`). */
      poll: PollPlan | null;
      expired: boolean;
      deduplicated: boolean;
      /** Nothing can be exported or changed: the run is read from a bundle alone. */
      isReadOnly: boolean;
      origin: string;
      params: PageParams;
    }>;

export type CommandFilters = Readonly<{ status: string; q: string; before: string }>;

export type CommandListModel = Readonly<{
  filters: CommandFilters;
  /** Path of the page that holds the list: the link to older commands keeps it. */
  pathname: string;
  params: PageParams;
}> &
  (
    | Readonly<{ kind: "problem"; problem: Problem }>
    | Readonly<{ kind: "list"; list: CommandListView; nowEpochMs: number; currentRunId: string | null }>
  );

/** The response to what the reader did, shown above the planes. */
export type NoticeModel =
  | Readonly<{ kind: "none" }>
  | Readonly<{ kind: "help" }>
  | Readonly<{ kind: "message"; text: string }>
  | Readonly<{ kind: "problem"; problem: Problem }>;

export type ConversationModel = Readonly<{
  /** Text in the command box: a refused command stays there to be corrected. */
  typed: string;
  commandList: CommandListModel;
  /** No run can be started: there is no command box. */
  isReadOnly: boolean;
  /** Whether pictures are documents. */
  hasOcr?: boolean;
  filters: CommandFilters;
  pathname: string;
  params: PageParams;
}>;

/**
 * The body of `GET /artifacts/:id`, or of `GET /artifacts/:id/window` for a document. `content` is null when the artifact is too
 * large for a page.
 */
export type ArtifactDetail = Readonly<{ meta: ArtifactView; content: unknown; prov: Provenance }>;

/** The position in an artifact that the page address names. */
export type Place = Readonly<{
  /** Half-open range in UTF-16 units of `docir.text`. */
  span: readonly [number, number] | null;
  /** Half-open range in bytes of `raw`. */
  bytes: readonly [number, number] | null;
  /** Index of the first line, block or chunk to show, from 0. */
  at: number | null;
  /** A row of the table that is the block at `at`, from 0. */
  row: number | null;
}>;

/** What the artifact plane shows below its list. */
export type ViewerModel =
  | Readonly<{ kind: "empty" }>
  /** The memo of a run that has not ended, or that cannot be read at the moment. */
  | Readonly<{ kind: "pending"; runId: string }>
  | Readonly<{
      kind: "problem";
      problem: Problem;
      /** Address to read again while the problem is transient. */
      retry: string;
    }>
  | Readonly<{
      kind: "list";
      artifacts: readonly ArtifactView[];
      /** An empty value means no filter. */
      filters: Readonly<{ type: string; visibility: string; q: string; sha256: string }>;
      next: string | null;
      nowEpochMs: number;
    }>
  | Readonly<{ kind: "citation"; lineage: CitationLineage }>
  | Readonly<{
      kind: "artifact";
      detail: ArtifactDetail;
      run: RunView | null;
      place: Place;
      /** The memo to show beside the document; null beside anything else. */
      beside: Memo | null;
      params: PageParams;
    }>;

export type PageModel = Readonly<{
  title: string;
  /** The plane that a narrow screen shows first. */
  plane: "conversation" | "execution" | "artifact";
  notice: NoticeModel;
  conversation: ConversationModel;
  execution: ExecutionModel;
  viewer: ViewerModel;
  assets: AssetUrls;
  /** The bundle that is shown without a database; null on the pages of a service. */
  bundle: BundleModel | null;
  /** Size limit of a document: the script refuses a larger one without sending it. */
  maxBodyBytes: number;
  /** Whether the page was opened with a session, which can be ended. */
  hasSession?: boolean;
}>;

/** A bundle that `jejakekal view` shows, with the result of its verification. */
export type BundleModel = Readonly<{ path: string; verification: Verification }>;

export type AssetUrls = Readonly<
  Record<
    "css" | "htmx" | "script" | "display" | "tray" | "review" | "runs" | "reading" | "pdfLibrary",
    string
  > & {
    /** The icon of the tab by the state that the page shows. */
    icons: Readonly<Record<DataState, string>>;
  }
>;

/** `#run-status[data-state]`. An unknown status and an expired watch are errors, so the page never waits for ever. */
export type DataState = "idle" | "running" | "done" | "error";
