import { attribute } from "../attribute.ts";

/** Attributes of a link that opens an artifact in `#artifact-view`. Without a script it opens a page. */
export function viewerLink(address: string) {
  return {
    href: attribute(address),
    "hx-get": attribute(address),
    "hx-target": "#artifact-view",
    "hx-swap": "outerHTML",
    "hx-push-url": "true",
  } as const;
}

/** Like `viewerLink`, for a link beside which the memo stays: only the document is replaced. */
export function sourceLink(address: string) {
  return { ...viewerLink(address), "hx-target": "#source", "hx-select": "#source" } as const;
}
