import { renderPage, renderSheet } from "../fragments.tsx";
import type { AssetUrls } from "../model.ts";
import { CASES, DONE, NO_FILTERS, SHEETS } from "./cases.tsx";
import { commands, NO_PARAMS, NOW } from "./data.ts";

/** Names of the cases: every view in every state, for people and for the screenshots of the browser tests. */
export const GALLERY_CASES: readonly string[] = [...Object.keys(CASES), ...Object.keys(SHEETS)];

/**
 * `/ui/gallery`: the list of cases; `?case=NAME`: one case as a whole page. The htmx attributes are removed, because htmx would
 * replace the literals with responses of the API.
 */
export function renderGallery(assets: AssetUrls, query: Pick<URLSearchParams, "get">): string {
  return renderCase(assets, query.get("case") ?? "").replaceAll(/ hx-[a-z-]+="[^"]*"/g, "");
}

function renderCase(assets: AssetUrls, name: string): string {
  const sheet = Object.hasOwn(SHEETS, name) ? SHEETS[name] : undefined;
  if (sheet !== undefined) return sheet(assets);
  const make = Object.hasOwn(CASES, name) ? CASES[name] : undefined;
  if (make === undefined) return renderSheet("Gallery · jejakekal", assets, <GalleryIndex />);
  const { plane, execution, viewer, notice, conversation, commandList, bundle } = make();
  return renderPage({
    title: `${name} · gallery`,
    plane,
    execution,
    viewer,
    assets,
    notice: notice ?? { kind: "none" },
    bundle: bundle ?? null,
    maxBodyBytes: 1_000_000,
    conversation: {
      isReadOnly: false,
      typed: "",
      filters: NO_FILTERS,
      pathname: "/",
      params: NO_PARAMS,
      commandList: {
        kind: "list",
        list: { commands: commands(), next: 42 },
        filters: NO_FILTERS,
        nowEpochMs: NOW,
        currentRunId: DONE.run_id,
        pathname: "/",
        params: NO_PARAMS,
        ...commandList,
      },
      ...conversation,
    },
  });
}

function GalleryIndex(): JSX.Element {
  return (
    <main class="sheet">
      <h1>Gallery</h1>
      <p>
        Every view in every state, built from literals. These pages store nothing and read nothing from the
        API.
      </p>
      <ul class="gallery">
        {GALLERY_CASES.map((name) => (
          <li>
            <a href={`/ui/gallery?case=${encodeURIComponent(name)}`} safe>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </main>
  );
}
