import type { AssetUrls, DataState } from "./model.ts";

/**
 * htmx never evaluates script text, stores nothing in the browser, loads a whole page when history is restored, and shows a
 * failure response like any other.
 */
const HTMX_CONFIG = JSON.stringify({
  allowEval: false,
  selfRequestsOnly: true,
  // What an element sends is written at the element: a link in the list of commands must not send the filters around it.
  disableInheritance: true,
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

type ShellProps = Readonly<{
  title: string;
  assets: AssetUrls;
  /** The state that the icon of the tab shows. */
  state?: DataState;
  children: JSX.Element | JSX.Element[];
}>;

/** The HTML document around every page. */
export function Shell({ title, assets, state = "idle", children }: ShellProps): JSX.Element {
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
          <TabIcon icons={assets.icons} state={state} />
          <link rel="stylesheet" href={assets.css} />
          <script src={assets.display}></script>
          <script src={assets.script}></script>
          <script src={assets.tray} defer></script>
          <script src={assets.reading} data-pdf-library={assets.pdfLibrary} defer></script>
          <script src={assets.htmx} defer></script>
        </head>
        <body>{children as "safe"}</body>
      </html>
    </>
  );
}

type TabIconProps = Pick<AssetUrls, "icons"> & Readonly<{ state: DataState }>;

/** The script changes it with the state of the page. */
function TabIcon({ icons, state }: TabIconProps): JSX.Element {
  return (
    <link
      id="tab-icon"
      rel="icon"
      href={icons[state]}
      type="image/svg+xml"
      data-idle={icons.idle}
      data-running={icons.running}
      data-done={icons.done}
      data-error={icons.error}
    />
  );
}

/** The page title as a hidden heading for screen readers; the browser tab shows the same text. */
export function PageTitle({ title, oob }: Readonly<{ title: string; oob?: boolean }>): JSX.Element {
  return (
    <h1 id="page-title" class="visually-hidden" hx-swap-oob={oob === true ? "true" : undefined} safe>
      {title}
    </h1>
  );
}
