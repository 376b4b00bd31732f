import { renderHelp } from "../../views/fragments.tsx";
import type { Page } from "../reply.ts";
import { ASSET_URLS } from "./assets.ts";

/** `GET /ui/help` */
export function showHelp(): Page {
  return { html: renderHelp(ASSET_URLS) };
}
