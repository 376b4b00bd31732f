/** Attributes of a link that opens an artifact in `#artifact-view`. Without a script it opens a page. */
export function viewerLink(address: string) {
  return {
    href: escapeAmpersands(address),
    "hx-get": escapeAmpersands(address),
    "hx-target": "#artifact-view",
    "hx-swap": "outerHTML",
    "hx-push-url": "true",
  } as const;
}

/** Like `viewerLink`, for a link beside which the memo stays: only the document is replaced. */
export function sourceLink(address: string) {
  return { ...viewerLink(address), "hx-target": "#source", "hx-select": "#source" } as const;
}

/** Kita escapes quotation marks in attributes and leaves ampersands. */
function escapeAmpersands(address: string): string {
  return address.replaceAll("&", "&amp;");
}
