import { FAILURES } from "../failure.ts";
import { Artifacts } from "./artifact/artifact-list.tsx";
import { artifactsModelOf } from "./artifact/artifact-list-model.ts";
import { Viewer } from "./artifact/viewer.tsx";
import { Conversation } from "./commands/conversation.tsx";
import { Keys } from "./help.tsx";
import type { AssetUrls, PageModel, Problem } from "./model.ts";
import { Notice, Said } from "./notice.tsx";
import { Execution, RunStatus } from "./run/execution.tsx";

/**
 * htmx by our rules: nothing is evaluated, nothing is kept in the browser's storage, a page restored from history is a whole
 * page, and answers that say no are shown like any other.
 */
const HTMX_CONFIG = JSON.stringify({
  allowEval: false,
  selfRequestsOnly: true,
  includeIndicatorStyles: false,
  historyRestoreAsHxRequest: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: false,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[2345]..", swap: true, error: false },
  ],
});

/** The page is out of reach of its own server: shown by the script, in these words. */
const unreachable = (whatNow: string): Problem => ({
  status: 0,
  code: "unreachable",
  message: `The service does not answer. ${whatNow}`,
  detail: {},
  transient: true,
});

/** A document that need not be sent to be refused: shown by the script, in the words of the service. */
function tooLarge(maxBodyBytes: number): Problem {
  return {
    status: 413,
    code: "payload_too_large",
    message: FAILURES.payload_too_large,
    detail: { limit_bytes: maxBodyBytes },
    transient: false,
  };
}

/** The whole page: three planes, and nothing in it that a fragment would not show as well. */
export function Page(model: PageModel): JSX.Element {
  const { conversation, execution, viewer, assets } = model;
  return (
    <Shell title={model.title} assets={assets}>
      <a class="skip" href="#execution-plane">
        Skip to the run
      </a>
      <header class="top">
        <PageTitle title={model.title} />
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
          <a href="/ui/help" data-opens="keys">
            Help <kbd>?</kbd>
          </a>
        </nav>
      </header>
      <Notice notice={model.notice} />
      <main class="planes" data-plane={model.plane}>
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
          <Artifacts {...artifactsModelOf(execution, viewer)} />
          <Viewer model={viewer} />
        </section>
      </main>
      <Keys />
      <div id="announcer" class="visually-hidden" role="status" aria-live="polite"></div>
      <template id="too-large" data-limit-bytes={String(model.maxBodyBytes)}>
        <Said notice={{ kind: "problem", problem: tooLarge(model.maxBodyBytes) }} />
      </template>
      <template id="unreachable">
        <RunStatus
          model={{
            kind: "problem",
            problem: unreachable("This page keeps asking."),
            runId: null,
            poll: null,
          }}
        />
      </template>
      <template id="unreachable-notice">
        <Said notice={{ kind: "problem", problem: unreachable("Try again in a moment.") }} />
      </template>
    </Shell>
  );
}

/** What the page is called, for those who listen; the tab says the same. */
export function PageTitle({ title, oob }: { title: string; oob?: boolean }): JSX.Element {
  return (
    <h1 id="page-title" class="visually-hidden" hx-swap-oob={oob === true ? "true" : undefined} safe>
      {title}
    </h1>
  );
}

export function Shell({
  title,
  assets,
  children,
}: {
  title: string;
  assets: AssetUrls;
  children: JSX.Element | JSX.Element[];
}): JSX.Element {
  return (
    <>
      {"<!doctype html>"}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="htmx-config" content={HTMX_CONFIG} />
          <title safe>{title}</title>
          <link rel="icon" href={assets.icon} type="image/svg+xml" />
          <link rel="stylesheet" href={assets.css} />
          <script src={assets.script}></script>
          <script src={assets.htmx} defer></script>
        </head>
        <body>{children as "safe"}</body>
      </html>
    </>
  );
}
