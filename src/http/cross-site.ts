/**
 * Whether a page of another site sent the request. Browsers send `Sec-Fetch-Site`, older ones `Origin`; a client that sends
 * neither is not a browser, and so carries nobody else's cookies or network position.
 */
export function isCrossSite(request: Request, publicUrl?: URL): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  // A proxy may pass on another `Host` than the one that the browser sees.
  if (origin === publicUrl?.origin) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.headers.get("host");
}
