import { renderHelp } from "../../views/fragments.tsx";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";

/** `GET /ui/help` */
export function showHelp({ bundle }: ApiClient): Page {
  return { html: renderHelp(ASSET_URLS, bundle !== null) };
}
