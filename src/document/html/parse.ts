import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse, type Token } from "parse5";
import { Failure } from "../../failure.ts";

export type HtmlElement = DefaultTreeAdapterTypes.Element;
export type HtmlText = DefaultTreeAdapterTypes.TextNode;
type HtmlParent = DefaultTreeAdapterTypes.ParentNode;
type HtmlNode = DefaultTreeAdapterTypes.Node;

/** Each element costs about half a kilobyte of memory. */
const MAX_ELEMENTS = 1_000_000;

/** The parser looks through the open elements for many tags, so its time grows with their number. Browsers stop at 512. */
const MAX_DEPTH = 4_000;

/**
 * Parses HTML into a tree whose text nodes each stand for one piece of the source: `sourceCodeLocation` has its offsets.
 * Throws Failure("payload_too_large") for more elements or a deeper nesting than is read.
 */
export function parseHtml(source: string): DefaultTreeAdapterTypes.Document {
  return parse(source, {
    sourceCodeLocationInfo: true,
    scriptingEnabled: false,
    treeAdapter: createTreeAdapter(source),
  });
}

/** The offsets of a node in the source; of an element, those of its start tag. Implied elements have none. */
export function placeOf(node: HtmlElement | HtmlText): { start: number; end: number } | null {
  const location = node.sourceCodeLocation;
  if (!location) return null;
  const tag = "startTag" in location ? location.startTag : undefined;
  return { start: location.startOffset, end: (tag ?? location).endOffset };
}

export function attributeOf(element: HtmlElement, name: string): string | undefined {
  return element.attrs.find((attribute) => attribute.name === name)?.value;
}

/** What a walk over the tree does. `enter` returns whether to go into the element; `exit` follows only then. */
export type Visitor = Readonly<{
  enter: (element: HtmlElement) => boolean;
  text: (node: HtmlText) => void;
  exit: (element: HtmlElement) => void;
}>;

/** Visits elements and text in document order, without recursion. */
export function visit(root: HtmlParent, visitor: Visitor): void {
  const open: { node: HtmlParent; next: number }[] = [{ node: root, next: 0 }];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const child = top.node.childNodes[top.next];
    top.next += 1;
    if (child === undefined) {
      open.pop();
      if (defaultTreeAdapter.isElementNode(top.node)) visitor.exit(top.node);
    } else if (defaultTreeAdapter.isTextNode(child)) {
      visitor.text(child);
    } else if (defaultTreeAdapter.isElementNode(child) && visitor.enter(child)) {
      open.push({ node: child, next: 0 });
    }
  }
}

/**
 * The default tree, except that text is not merged where its source is not one piece: merged text would hide where its parts
 * come from. The locations of attributes and end tags are dropped.
 */
function createTreeAdapter(source: string): typeof defaultTreeAdapter {
  let elements = 0;
  let depth = 0;
  const isVerbatim = ({ value }: HtmlText, { startOffset, endOffset }: Token.Location) =>
    value.length === endOffset - startOffset && source.startsWith(value, startOffset);
  /** Joins the last text of a parent with the text before it, where the source has them as one piece. */
  const joinLast = (node: HtmlText, location: Token.Location) => {
    const siblings = node.parentNode?.childNodes ?? [];
    const before = siblings.at(-2);
    if (siblings.at(-1) !== node || !before || !defaultTreeAdapter.isTextNode(before)) return;
    const place = before.sourceCodeLocation;
    if (place?.endOffset !== location.startOffset) return;
    if (!isVerbatim(node, location) || !isVerbatim(before, place)) return;
    before.value += node.value;
    place.endOffset = location.endOffset;
    siblings.pop();
  };
  return {
    ...defaultTreeAdapter,
    createElement(...given) {
      elements += 1;
      if (elements > MAX_ELEMENTS) throw new Failure("payload_too_large", { limit_elements: MAX_ELEMENTS });
      return defaultTreeAdapter.createElement(...given);
    },
    insertText(parent, text) {
      defaultTreeAdapter.appendChild(parent, defaultTreeAdapter.createTextNode(text));
    },
    insertTextBefore(parent, text, reference) {
      defaultTreeAdapter.insertBefore(parent, defaultTreeAdapter.createTextNode(text), reference);
    },
    setNodeSourceCodeLocation(node: HtmlNode, location) {
      if (!location) return;
      // Lines, columns and attributes are not needed, and would take a quarter of the memory of the tree.
      const { startOffset, endOffset } = location;
      defaultTreeAdapter.setNodeSourceCodeLocation(node, { startOffset, endOffset } as Token.Location);
      if (defaultTreeAdapter.isTextNode(node)) joinLast(node, location);
    },
    updateNodeSourceCodeLocation() {},
    onItemPush() {
      depth += 1;
      if (depth > MAX_DEPTH) throw new Failure("payload_too_large", { limit_depth: MAX_DEPTH });
    },
    onItemPop(element) {
      depth -= 1;
      // A list that was appended to has room for more nodes than most elements have; a copy has room for its own.
      element.childNodes = element.childNodes.slice();
    },
  };
}
