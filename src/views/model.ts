import type { CommandListView } from "../projection/command-view.ts";
import type { JournalView } from "../projection/journal-view.ts";
import type { PageParams } from "../projection/page-params.ts";
import type { ArtifactView, Provenance, RunView } from "../projection/run-view.ts";

/** Why something cannot be shown or done: the API's own code and words, and whether it may pass. */
export type Problem = Readonly<{
  status: number;
  code: string;
  message: string;
  /** What the API said beside it: the field, the limit, DBOS's status. */
  detail: Readonly<Record<string, unknown>>;
  transient: boolean;
}>;

/** Where the page asks next, and how soon. */
export type PollPlan = Readonly<{ url: string; everyMs: number }>;

export type ExecutionModel =
  | Readonly<{ kind: "idle" }>
  | Readonly<{ kind: "problem"; problem: Problem; runId: string | null; poll: PollPlan | null }>
  | Readonly<{
      kind: "run";
      run: RunView;
      /** null: it could not be read; the run is shown all the same. */
      journal: JournalView | null;
      nowEpochMs: number;
      /** The step that the address marks. */
      step: number | null;
      /** A step of the page of steps to be shown; null: the marked one decides, or else the last. */
      from: number | null;
      /** null: nothing more is expected, or the page has stopped watching (`expired`). */
      poll: PollPlan | null;
      expired: boolean;
      deduplicated: boolean;
      origin: string;
      params: PageParams;
    }>;

export type CommandFilters = Readonly<{ status: string; q: string; before: string }>;

export type CommandListModel = Readonly<{
  filters: CommandFilters;
  /** The page that the ledger stands on: links to older lines stay there. */
  pathname: string;
  params: PageParams;
}> &
  (
    | Readonly<{ kind: "problem"; problem: Problem }>
    | Readonly<{ kind: "list"; list: CommandListView; nowEpochMs: number; currentRunId: string | null }>
  );

/** What the page says back to what was asked of it. */
export type NoticeModel =
  | Readonly<{ kind: "none" }>
  | Readonly<{ kind: "help" }>
  | Readonly<{ kind: "said"; text: string }>
  | Readonly<{ kind: "problem"; problem: Problem }>;

export type ConversationModel = Readonly<{
  typed: string;
  commandList: CommandListModel;
  filters: CommandFilters;
  pathname: string;
  params: PageParams;
}>;

/** `GET /artifacts/:id`, as the API answers it. */
/** `content` is null when it is too large to be shown. */
export type ArtifactDetail = Readonly<{ meta: ArtifactView; content: unknown; prov: Provenance }>;

/** The place in an artifact that the address asks for. */
export type Place = Readonly<{
  /** UTF-16 units of `docir.text`. */
  span: readonly [number, number] | null;
  /** Bytes of `raw`. */
  bytes: readonly [number, number] | null;
  /** The first line, block or chunk to show, from 0. */
  at: number | null;
}>;

export type ViewerModel =
  | Readonly<{ kind: "empty"; awaited: false }>
  /** The memo of a run that is under way, or that cannot be read just now. */
  | Readonly<{ kind: "empty"; awaited: true; runId: string }>
  | Readonly<{
      kind: "problem";
      problem: Problem;
      /** Where to ask again while the problem may pass. */
      retry: string;
    }>
  | Readonly<{
      kind: "list";
      artifacts: readonly ArtifactView[];
      /** What is listed; empty: whatever it is. */
      filters: Readonly<{ type: string; visibility: string; q: string }>;
      next: string | null;
      nowEpochMs: number;
    }>
  | Readonly<{
      kind: "artifact";
      detail: ArtifactDetail;
      run: RunView | null;
      place: Place;
      params: PageParams;
    }>;

export type PageModel = Readonly<{
  title: string;
  /** Which plane a narrow screen shows first. */
  plane: "conversation" | "execution" | "artifact";
  notice: NoticeModel;
  conversation: ConversationModel;
  execution: ExecutionModel;
  viewer: ViewerModel;
  assets: AssetUrls;
  /** The largest document that the service takes: the script does not begin to send a larger one. */
  maxBodyBytes: number;
}>;

export type AssetUrls = Readonly<{ css: string; htmx: string; script: string; icon: string }>;
