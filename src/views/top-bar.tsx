import { PageTitle } from "./shell.tsx";

type TopBarProps = Readonly<{
  title: string;
  /** Whether the page has planes, for which a narrow screen gets tabs. */
  hasPlanes: boolean;
  /** Whether the reader has signed in. */
  hasSession?: boolean;
  /** A bundle is read without a service, which searches and keeps the review queue. */
  isBundle?: boolean;
}>;

/** The pages that can be reached from every page, of a service and of a bundle. */
const PAGES = [
  ["/", "Commands"],
  ["/runs", "Runs"],
  ["/artifacts", "Artifacts"],
] as const;

/** The bar above every page. On a narrow screen its links are in a menu, which needs no script. */
export function TopBar({ title, hasPlanes, hasSession = false, isBundle = false }: TopBarProps): JSX.Element {
  return (
    <header class="top">
      {hasPlanes ? <PageTitle title={title} /> : ""}
      <a class="brand" href="/" aria-label="jejakekal, all commands">
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <rect class="brand-tile" width="20" height="20" rx="5" />
          <path class="brand-trace" d="M5 6h6M8 10h7M5 14h4" />
        </svg>
        <span>jejakekal</span>
      </a>
      {hasPlanes ? <PlaneTabs /> : ""}
      <button type="button" class="menu-button" popovertarget="menu">
        Menu
      </button>
      <nav id="menu" class="top-links" aria-label="Pages" popover="auto">
        {PAGES.map(([address, name]) => (
          <a href={address}>{name as "safe"}</a>
        ))}
        {isBundle ? "" : <ServiceLinks />}
        <button type="button" class="link script-only" data-opens="display">
          Display
        </button>
        <a href="/ui/help" data-opens="keys">
          Help <kbd>?</kbd>
        </a>
        {hasSession ? (
          <form method="post" action="/ui/sign-out">
            <button class="link" type="submit">
              Sign out
            </button>
          </form>
        ) : (
          ""
        )}
      </nav>
    </header>
  );
}

function ServiceLinks(): JSX.Element {
  return (
    <>
      <a href="/search">Search</a>
      <a href="/review">
        Review <span hx-get="/ui/review/count" hx-trigger="load"></span>
      </a>
    </>
  );
}

function PlaneTabs(): JSX.Element {
  return (
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
  );
}
