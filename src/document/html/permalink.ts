import { attributeOf, type HtmlElement } from "./parse.ts";

const PERMALINK_NAME =
  /(?:^|[\s_-])(?:headerlink|permalink|anchorjs|hash-link|header-anchor|anchor-link)(?:$|[\s_-])/i;

/** The sign behind a heading that leads to the heading itself, "¶" or "#": pages show it where a pointer is, and it is no text. */
export function isPermalink(element: HtmlElement): boolean {
  if (element.tagName !== "a") return false;
  const { childNodes } = element;
  return (
    PERMALINK_NAME.test((attributeOf(element, "class") ?? "").slice(0, 500)) &&
    (attributeOf(element, "href") ?? "").includes("#") &&
    childNodes.every(
      (child) => child.nodeName === "#text" && "value" in child && !/[\p{L}\p{N}]/u.test(child.value),
    )
  );
}
