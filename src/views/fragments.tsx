import { Artifacts } from "./artifact/artifact-list.tsx";
import { artifactsModelOf } from "./artifact/artifact-list-model.ts";
import { Viewer } from "./artifact/viewer.tsx";
import { CommandList, FirstCommands, MoreCommands, OlderCommands } from "./commands/command-list.tsx";
import { HelpPage } from "./help.tsx";
import type {
  AssetUrls,
  CommandListModel,
  ExecutionModel,
  NoticeModel,
  PageModel,
  Problem,
  ViewerModel,
} from "./model.ts";
import { Notice } from "./notice.tsx";
import { Page, PageTitle, Shell } from "./page.tsx";
import { Execution, RunStatus } from "./run/execution.tsx";

/** Everything that goes over the wire as HTML, as text. Each is made of the views that the whole page is made of. */

export function renderPage(model: PageModel): string {
  return text(<Page {...model} />);
}

export function renderHelp(assets: AssetUrls): string {
  return renderSheet("Help · jejakekal", assets, <HelpPage />);
}

/** A page without planes. */
export function renderSheet(title: string, assets: AssetUrls, sheet: JSX.Element): string {
  return text(
    <Shell title={title} assets={assets}>
      {sheet}
    </Shell>,
  );
}

/**
 * The answer to a poll: run, artifacts and status together. Trouble on the side of the service renews the status alone: the
 * run stays in sight, and is asked for again.
 */
export function renderPoll(execution: ExecutionModel): string {
  if (execution.kind === "problem" && execution.problem.status >= 500) {
    return text(<RunStatus model={execution} oob />);
  }
  return text(
    <>
      <RunStatus model={execution} oob />
      <Execution model={execution} oob />
      <Artifacts {...artifactsModelOf(execution, null)} oob />
    </>,
  );
}

/** What stands on a page from now on has another name: in the tab, which htmx sees to, and in the heading. */
function Renamed({ title }: { title: string }): JSX.Element {
  return (
    <>
      <title safe>{title}</title>
      <PageTitle title={title} oob />
    </>
  );
}

/** A run opened on a page that stands: what a poll renews, the viewer, and what was said. */
export function renderRun(
  title: string,
  execution: ExecutionModel,
  viewer: ViewerModel,
  notice: NoticeModel,
): string {
  return text(
    <>
      <Renamed title={title} />
      <RunStatus model={execution} oob />
      <Execution model={execution} oob />
      <Artifacts {...artifactsModelOf(execution, viewer)} oob />
      <Viewer model={viewer} oob />
      <Notice notice={notice} oob />
    </>,
  );
}

export function renderNotice(notice: NoticeModel): string {
  return text(<Notice notice={notice} oob />);
}

/** What was opened in the viewer; the page is called after it. */
export function renderOpened(title: string, viewer: ViewerModel): string {
  return text(
    <>
      <Renamed title={title} />
      <Viewer model={viewer} />
    </>,
  );
}

export function renderViewer(viewer: ViewerModel): string {
  return text(<Viewer model={viewer} />);
}

export function renderCommandList(commandList: CommandListModel): string {
  return text(<CommandList model={commandList} />);
}

/** A refresh. Where the ledger cannot be read, what is shown of it stays. */
export function renderFirstCommands(commandList: CommandListModel): string {
  if (commandList.kind === "problem") return "";
  return text(
    <>
      <FirstCommands model={commandList} oob />
      <OlderCommands model={commandList} oob />
    </>,
  );
}

export function renderMoreCommands(commandList: CommandListModel): string {
  return text(<MoreCommands model={commandList} />);
}

/** Views wait for nothing, so what they give is text, and never the promise that the type allows for. */
function text(element: JSX.Element): string {
  if (typeof element !== "string") throw new TypeError("a view must not wait");
  return element;
}

/** For an address that is none: nothing is asked of the API, so there is no ledger to show beside it. */
export function renderRefusal(problem: Problem, assets: AssetUrls): string {
  const execution: ExecutionModel = { kind: "problem", problem, runId: null, poll: null };
  return text(
    <Shell title={`${problem.code} · jejakekal`} assets={assets}>
      <main class="sheet">
        <section id="execution-plane">
          <h1>Nothing to show here</h1>
          <RunStatus model={execution} />
          <Execution model={execution} />
        </section>
      </main>
    </Shell>,
  );
}
