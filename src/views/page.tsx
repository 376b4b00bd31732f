import { ArtifactList } from "./artifact/artifact-list.tsx";
import { artifactListModelOf } from "./artifact/artifact-list-model.ts";
import { Viewer } from "./artifact/viewer.tsx";
import { Conversation } from "./commands/conversation.tsx";
import { HelpDialog } from "./help.tsx";
import type { PageModel } from "./model.ts";
import { Notice } from "./notice.tsx";
import { Execution } from "./run/execution.tsx";
import { RunStatus } from "./run/run-status.tsx";
import { ScriptTemplates } from "./script-templates.tsx";
import { PageTitle, Shell } from "./shell.tsx";

/** A whole page: three planes, built from the same views as the fragments that later replace their parts. */
export function Page(model: PageModel): JSX.Element {
  const { title, assets, notice, hasSession = false } = model;
  return (
    <Shell title={title} assets={assets}>
      <a class="skip" href="#execution-plane">
        Skip to the run
      </a>
      <TopBar title={title} hasSession={hasSession} />
      <Notice notice={notice} />
      <Planes {...model} />
      <HelpDialog />
      <div id="announcer" class="visually-hidden" role="status" aria-live="polite"></div>
      <ScriptTemplates maxBodyBytes={model.maxBodyBytes} />
    </Shell>
  );
}

function TopBar({ title, hasSession }: Required<Pick<PageModel, "title" | "hasSession">>): JSX.Element {
  return (
    <header class="top">
      <PageTitle title={title} />
      <a class="brand" href="/" aria-label="jejakekal, all commands">
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <rect class="brand-tile" width="20" height="20" rx="5" />
          <path class="brand-trace" d="M5 6h6M8 10h7M5 14h4" />
        </svg>
        <span>jejakekal</span>
      </a>
      <nav class="tabs" aria-label="Planes">
        <a href="#conversation-plane" data-plane="conversation">
          Commands
        </a>
        <a href="#execution-plane" data-plane="execution">
          Run
        </a>
        <a href="#artifact-plane" data-plane="artifact">
          Artifacts
        </a>
      </nav>
      <nav class="top-links" aria-label="More">
        <a href="/artifacts">All artifacts</a>
        <a href="/search">Search</a>
        <a href="/review">
          Review <span hx-get="/ui/review/count" hx-trigger="load"></span>
        </a>
        <a href="/ui/help" data-opens="keys">
          Help <kbd>?</kbd>
        </a>
        {hasSession ? (
          <form method="post" action="/ui/sign-out">
            <button class="link" type="submit">
              Sign out
            </button>
          </form>
        ) : null}
      </nav>
    </header>
  );
}

function Planes({ plane, conversation, execution, viewer }: PageModel): JSX.Element {
  return (
    <main class="planes" data-plane={plane}>
      <section id="conversation-plane" class="plane" aria-labelledby="conversation-title" tabindex="-1">
        <h2 id="conversation-title" class="plane-title" tabindex="-1">
          Commands
        </h2>
        <Conversation {...conversation} />
      </section>
      <section id="execution-plane" class="plane" aria-labelledby="execution-title" tabindex="-1">
        <h2 id="execution-title" class="plane-title" tabindex="-1">
          Run
        </h2>
        <RunStatus model={execution} />
        <Execution model={execution} />
      </section>
      <section id="artifact-plane" class="plane" aria-labelledby="artifact-title" tabindex="-1">
        <h2 id="artifact-title" class="plane-title" tabindex="-1">
          Artifacts
        </h2>
        <ArtifactList {...artifactListModelOf(execution, viewer)} />
        <Viewer model={viewer} />
      </section>
    </main>
  );
}
