import type { OverviewView } from "../projection/overview-view.ts";
import type { RunView } from "../projection/run-view.ts";
import { ArtifactList } from "./artifact/artifact-list.tsx";
import { artifactListModelOf } from "./artifact/artifact-list-model.ts";
import { Viewer } from "./artifact/viewer.tsx";
import { Batch, type BatchModel, batchStateOf } from "./batch/batch.tsx";
import { CommandList, FirstCommands, MoreCommands, OlderCommands } from "./commands/command-list.tsx";
import { Compare, type CompareModel } from "./compare/compare.tsx";
import { DisplayDialog } from "./display.tsx";
import { HelpDialog, HelpPage } from "./help.tsx";
import type {
  AssetUrls,
  CommandListModel,
  DataState,
  ExecutionModel,
  NoticeModel,
  PageModel,
  Problem,
  ViewerModel,
} from "./model.ts";
import { Notice } from "./notice.tsx";
import { Page } from "./page.tsx";
import { Review, type ReviewModel } from "./review/review.tsx";
import { Attachments } from "./run/attachments.tsx";
import { ChangeForm, type ChangeVerb } from "./run/change-run.tsx";
import { Execution } from "./run/execution.tsx";
import { Overview } from "./run/overview.tsx";
import { RunStatus } from "./run/run-status.tsx";
import { BulkChange, type BulkModel } from "./run-list/bulk-change.tsx";
import { RunList, type RunListModel } from "./run-list/run-list.tsx";
import { Search, type SearchModel } from "./search/search.tsx";
import { PageTitle, Shell } from "./shell.tsx";
import { SignInPage } from "./sign-in.tsx";
import { TopBar } from "./top-bar.tsx";

/** Renders every HTML response to text: whole pages, and the fragments that htmx puts into a page. */

export function renderPage(model: PageModel): string {
  return text(<Page {...model} />);
}

export function renderHelp(assets: AssetUrls, isBundle: boolean): string {
  return renderSheet("Help · jejakekal", assets, <HelpPage />, { isBundle });
}

export function renderSignIn(assets: AssetUrls, next: string, problem: Problem | null): string {
  return renderSheet("Sign in · jejakekal", assets, <SignInPage next={next} problem={problem} />);
}

/** A page without planes, below the bar that every page has; `isBundle` when it is read from a bundle alone. */
export function renderSheet(
  title: string,
  assets: AssetUrls,
  sheet: JSX.Element,
  { isBundle = false, state = "idle" }: Readonly<{ isBundle?: boolean; state?: DataState }> = {},
): string {
  return text(
    <Shell title={title} assets={assets} state={state}>
      <TopBar title={title} hasPlanes={false} isBundle={isBundle} />
      {sheet as "safe"}
      <HelpDialog />
      <DisplayDialog />
    </Shell>,
  );
}

export function renderRunList(title: string, assets: AssetUrls, model: RunListModel): string {
  return renderSheet(
    title,
    assets,
    <main class="sheet run-list-sheet">
      <RunList model={model} />
      <script src={assets.runs} defer></script>
    </main>,
    { isBundle: model.isReadOnly },
  );
}

export function renderBulkChange(title: string, assets: AssetUrls, model: BulkModel): string {
  return renderSheet(
    title,
    assets,
    <main class="sheet">
      <BulkChange model={model} />
      <script src={assets.runs} defer></script>
    </main>,
  );
}

/** The form for the dialog of a page. */
export function renderChangeForm(change: Change): string {
  return text(<ChangeForm {...change} heading="h2" />);
}

export function renderChangePage(title: string, assets: AssetUrls, change: Change): string {
  return renderSheet(
    title,
    assets,
    <main class="sheet">
      <ChangeForm {...change} heading="h1" />
    </main>,
  );
}

export function renderSearch(title: string, assets: AssetUrls, model: SearchModel): string {
  return renderSheet(
    title,
    assets,
    <main class="sheet search">
      <Search model={model} />
    </main>,
  );
}

export function renderReview(title: string, assets: AssetUrls, model: ReviewModel): string {
  return renderSheet(
    title,
    assets,
    <main class="sheet search">
      <Review model={model} />
      <script src={assets.review} defer></script>
    </main>,
  );
}

/** A change of a run that is asked for; `title` is that of its document. */
type Change = Readonly<{ runId: string; verb: ChangeVerb; title: string }>;

/** The number behind the link to the queue. */
export function renderReviewCount(open: number): string {
  if (open === 0) return "";
  return text(
    <span class="count" safe>
      {String(open)}
    </span>,
  );
}

export function renderCompare(title: string, assets: AssetUrls, model: CompareModel): string {
  return renderSheet(
    title,
    assets,
    <main class="sheet compare">
      <Compare model={model} />
    </main>,
  );
}

/** The page for a malformed address. It reads nothing from the API, so it has no command list. */
export function renderRefusal(problem: Problem, assets: AssetUrls): string {
  const execution: ExecutionModel = { kind: "problem", problem, runId: null, poll: null };
  return renderSheet(
    `${problem.code} · jejakekal`,
    assets,
    <main class="sheet">
      <section id="execution-plane">
        <h1>This page does not exist</h1>
        <RunStatus model={execution} />
        <Execution model={execution} />
      </section>
    </main>,
  );
}

/**
 * The response to a poll: status, run and artifacts together. A 5xx replaces only the status, so the run stays visible and
 * the page polls again.
 * @param title of the page; null leaves it as it is
 */
export function renderPoll(execution: ExecutionModel, title: string | null): string {
  if (execution.kind === "problem" && execution.problem.status >= 500) {
    return text(<RunStatus model={execution} oob />);
  }
  return text(
    <>
      {title === null ? "" : <NewTitle title={title} />}
      <RunStatus model={execution} oob />
      <Execution model={execution} oob />
      <ArtifactList {...artifactListModelOf(execution, null)} oob />
    </>,
  );
}

/** A run opened in a page: what a poll replaces, the viewer and the notice. */
export function renderRun(
  title: string,
  execution: ExecutionModel,
  viewer: ViewerModel,
  notice: NoticeModel,
): string {
  return text(
    <>
      <NewTitle title={title} />
      <RunStatus model={execution} oob />
      <Execution model={execution} oob />
      <ArtifactList {...artifactListModelOf(execution, viewer)} oob />
      <Viewer model={viewer} oob />
      <Notice notice={notice} oob />
    </>,
  );
}

/** The attachments of a mail. */
export function renderAttachments(run: RunView): string {
  return text(<Attachments run={run} />);
}

/** An artifact opened in the viewer of a page. */
export function renderOpened(title: string, viewer: ViewerModel): string {
  return text(
    <>
      <NewTitle title={title} />
      <Viewer model={viewer} />
    </>,
  );
}

export function renderOverview(overview: OverviewView): string {
  return text(<Overview overview={overview} />);
}

export function renderBatchPage(title: string, assets: AssetUrls, model: BatchModel): string {
  return renderSheet(
    title,
    assets,
    <main class="sheet wide">
      <Batch model={model} />
    </main>,
    { state: batchStateOf(model) },
  );
}

/** A refresh of `#batch`, and of the title of the tab. */
export function renderBatch(title: string, model: BatchModel): string {
  return text(
    <>
      <title safe>{title}</title>
      <Batch model={model} />
    </>,
  );
}

export function renderViewer(viewer: ViewerModel): string {
  return text(<Viewer model={viewer} />);
}

export function renderNotice(notice: NoticeModel): string {
  return text(<Notice notice={notice} oob />);
}

export function renderCommandList(model: CommandListModel): string {
  return text(<CommandList model={model} />);
}

/** A refresh of the first page. When the list cannot be read, the page keeps what it shows. */
export function renderFirstCommands(model: CommandListModel): string {
  if (model.kind === "problem") return "";
  return text(
    <>
      <FirstCommands model={model} oob />
      <OlderCommands model={model} oob />
    </>,
  );
}

export function renderMoreCommands(model: CommandListModel): string {
  return text(<MoreCommands model={model} />);
}

/** htmx moves `title` to the browser tab; the heading has the same text. */
function NewTitle({ title }: Readonly<{ title: string }>): JSX.Element {
  return (
    <>
      <title safe>{title}</title>
      <PageTitle title={title} oob />
    </>
  );
}

/** The views are synchronous; JSX's type also allows a promise. */
function text(element: JSX.Element): string {
  if (typeof element !== "string") throw new TypeError("A view returned a promise.");
  return element;
}
