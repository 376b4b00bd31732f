import { gunzipSync, gzipSync } from "node:zlib";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import display from "../../../public/display.client.js" with { type: "text" };
import icon from "../../../public/icon.svg" with { type: "text" };
import pdfLibrary from "../../../public/pdf-library.packed.txt" with { type: "text" };
import reading from "../../../public/reading.client.js" with { type: "text" };
import review from "../../../public/review.client.js" with { type: "text" };
import runs from "../../../public/runs.client.js" with { type: "text" };
import tray from "../../../public/tray.client.js" with { type: "text" };
import script from "../../../public/ui.client.js" with { type: "text" };
import css from "../../../public/ui.css" with { type: "text" };
import { Failure } from "../../failure.ts";
import { sha256Hex } from "../../sha256.ts";
import type { AssetUrls, DataState } from "../../views/model.ts";
import { acceptsGzip } from "../compress.ts";
import { failureReply } from "../reply.ts";

type Asset = Readonly<{ url: string; mediaType: string; gzipped: Buffer }>;

const PREFIX = "/ui/assets/";

/** Styles and scripts of the pages. Each name contains the hash of the content, so a browser may cache it for ever. */
const ASSETS = {
  css: createAsset("ui.css", withoutComments(css), "text/css; charset=utf-8"),
  script: createAsset("ui.js", withoutComments(script), "text/javascript; charset=utf-8"),
  tray: createAsset("tray.js", withoutComments(tray), "text/javascript; charset=utf-8"),
  display: createAsset("display.js", withoutComments(display), "text/javascript; charset=utf-8"),
  htmx: createAsset("htmx.js", htmx, "text/javascript; charset=utf-8"),
  review: createAsset("review.js", withoutComments(review), "text/javascript; charset=utf-8"),
  runs: createAsset("runs.js", withoutComments(runs), "text/javascript; charset=utf-8"),
  reading: createAsset("reading.js", withoutComments(reading), "text/javascript; charset=utf-8"),
  pdfLibrary: createPackedAsset("pdf.js", pdfLibrary, "text/javascript; charset=utf-8"),
} as const;

/** Drawn over a corner of the icon: each state has a shape of its own, not a colour alone. */
const BADGES: Readonly<Record<DataState, string>> = {
  idle: "",
  running: badgeOf('<circle cx="14" cy="14" r="3.4" fill="none" stroke="#1c5fae" stroke-width="2.2"/>'),
  done: badgeOf('<path d="M11 14l2.2 2.4 4-4.6" fill="none" stroke="#1d6a4a" stroke-width="2.4"/>'),
  error: badgeOf('<path d="M14 9.6l4.4 4.4-4.4 4.4-4.4-4.4z" fill="#ad2418"/>'),
};

const ICONS: Readonly<Record<DataState, Asset>> = {
  idle: createIcon("idle"),
  running: createIcon("running"),
  done: createIcon("done"),
  error: createIcon("error"),
};

export const ASSET_URLS: AssetUrls = {
  css: ASSETS.css.url,
  script: ASSETS.script.url,
  tray: ASSETS.tray.url,
  htmx: ASSETS.htmx.url,
  icons: {
    idle: ICONS.idle.url,
    running: ICONS.running.url,
    done: ICONS.done.url,
    error: ICONS.error.url,
  },
  display: ASSETS.display.url,
  review: ASSETS.review.url,
  runs: ASSETS.runs.url,
  reading: ASSETS.reading.url,
  pdfLibrary: ASSETS.pdfLibrary.url,
};

/** `GET /ui/assets/:name`; a name of another build is a 404 in JSON. */
export function showAsset(request: Request, name: string): Response {
  const asset = [...Object.values(ASSETS), ...Object.values(ICONS)].find(
    ({ url }) => url === `${PREFIX}${name}`,
  );
  if (asset === undefined) return failureReply(new Failure("not_found"));
  const isGzipped = acceptsGzip(request);
  const bytes = isGzipped ? asset.gzipped : gunzipSync(asset.gzipped);
  return new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": asset.mediaType,
      "content-length": String(bytes.length),
      ...(isGzipped ? { "content-encoding": "gzip" } : {}),
      vary: "Accept-Encoding",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    },
  });
}

function createAsset(name: string, text: string, mediaType: string): Asset {
  return { url: urlOf(name, Buffer.from(text)), mediaType, gzipped: gzipSync(text, { level: 9 }) };
}

function badgeOf(shape: string): string {
  return `<circle cx="14" cy="14" r="6" fill="#fff"/>${shape}`;
}

function createIcon(state: DataState): Asset {
  return createAsset("icon.svg", icon.replace("</svg>", `${BADGES[state]}</svg>`), "image/svg+xml");
}

/** Comments that have lines of their own are a fifth of what would be sent. One that code follows on its last line stays. */
function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*(?:\/\*(?:(?!\*\/)[\s\S])*\*\/|\/\/.*)[ \t]*\n/gm, "");
}

/** @param packed gzip in base64 */
function createPackedAsset(name: string, packed: string, mediaType: string): Asset {
  const gzipped = Buffer.from(packed, "base64");
  return { url: urlOf(name, gzipped), mediaType, gzipped };
}

function urlOf(name: string, content: Buffer): string {
  const hash = sha256Hex(content).slice(0, 12);
  const dot = name.lastIndexOf(".");
  return `${PREFIX}${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
}
