/** Attributes of a link that opens an artifact in `#artifact-view`. Without a script it opens a page. */
export function viewerLink(address: string) {
  return {
    href: address,
    "hx-get": address,
    "hx-target": "#artifact-view",
    "hx-swap": "outerHTML",
    "hx-push-url": "true",
  } as const;
}
