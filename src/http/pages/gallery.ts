import type { Page } from "../reply.ts";
import { ASSET_URLS } from "./assets.ts";

/** `GET /ui/gallery`: every view with literal data, which is loaded on first use. */
export async function showGallery({ url }: Request): Promise<Page> {
  const { renderGallery } = await import("../../views/gallery/gallery.tsx");
  return { html: renderGallery(ASSET_URLS, new URL(url).searchParams) };
}
