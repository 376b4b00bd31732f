import { gzipSync } from "node:zlib";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import icon from "../../../public/icon.svg" with { type: "text" };
import script from "../../../public/ui.client.js" with { type: "text" };
import css from "../../../public/ui.css" with { type: "text" };
import { sha256Hex } from "../../sha256.ts";
import type { AssetUrls } from "../../views/model.ts";
import { takesGzip } from "../reply.ts";

type Asset = Readonly<{ url: string; mediaType: string; plain: Buffer; packed: Buffer }>;

const PREFIX = "/ui/assets/";

/** What a page loads besides itself. The name holds the hash of the content, so a browser may keep it for good. */
const ASSETS = {
  css: asset("ui.css", css, "text/css; charset=utf-8"),
  script: asset("ui.js", script, "text/javascript; charset=utf-8"),
  htmx: asset("htmx.js", htmx, "text/javascript; charset=utf-8"),
  icon: asset("icon.svg", icon, "image/svg+xml"),
} as const;

export const ASSET_URLS: AssetUrls = {
  css: ASSETS.css.url,
  script: ASSETS.script.url,
  htmx: ASSETS.htmx.url,
  icon: ASSETS.icon.url,
};

/** `GET /ui/assets/:name`; null for a name that is none, such as one of an older build. */
export function findAsset(request: Request): Response | null {
  const { pathname } = new URL(request.url);
  const found = Object.values(ASSETS).find(({ url }) => url === pathname);
  if (found === undefined) return null;
  const packs = takesGzip(request);
  return new Response(new Uint8Array(packs ? found.packed : found.plain), {
    headers: {
      "content-type": found.mediaType,
      "content-length": String((packs ? found.packed : found.plain).length),
      ...(packs ? { "content-encoding": "gzip" } : {}),
      vary: "Accept-Encoding",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    },
  });
}

function asset(name: string, text: string, mediaType: string): Asset {
  const plain = Buffer.from(text);
  const hash = sha256Hex(plain).slice(0, 12);
  const dot = name.lastIndexOf(".");
  return {
    url: `${PREFIX}${name.slice(0, dot)}.${hash}${name.slice(dot)}`,
    mediaType,
    plain,
    packed: gzipSync(plain, { level: 9 }),
  };
}
