/** The types of ui.client.js: what it finds in the page, and what htmx gives to it. */

declare const htmx: {
  process(element: Element): void;
  ajax(
    method: string,
    address: string,
    options: { source: Element; swap: string },
  ): Promise<void> | undefined;
};

/** Elements of the page that are more than an HTMLElement, by their ids. */
interface PageElements {
  "command-form": HTMLFormElement;
  cmd: HTMLTextAreaElement;
  file: HTMLInputElement;
  keys: HTMLDialogElement;
  change: HTMLDialogElement;
  "keys-enabled": HTMLInputElement;
  "too-large": HTMLTemplateElement;
  unreachable: HTMLTemplateElement;
  "unreachable-notice": HTMLTemplateElement;
}

/** What the pages use of the library that draws PDFs. */
interface PdfDocument {
  getPage(number: number): Promise<PdfPage>;
}

interface PdfPage {
  getViewport(options: { scale: number }): { width: number; height: number };
  render(options: {
    canvasContext: CanvasRenderingContext2D;
    canvas: HTMLCanvasElement;
    viewport: { width: number; height: number };
  }): { promise: Promise<void> };
}

interface DocumentEventMap {
  "jejakekal:shown": Event;
  "jejakekal:walk": CustomEvent<number>;
  "htmx:afterSettle": CustomEvent<{ target?: HTMLElement; xhr?: XMLHttpRequest } | null>;
  "htmx:oobBeforeSwap": CustomEvent<{ target: HTMLElement; fragment: DocumentFragment; shouldSwap: boolean }>;
  "htmx:confirm": CustomEvent<{ elt: HTMLElement }>;
  "htmx:beforeCleanupElement": CustomEvent<{ elt: HTMLElement }>;
  "htmx:sendError": CustomEvent<{ elt?: HTMLElement }>;
  "htmx:timeout": CustomEvent<{ elt?: HTMLElement }>;
  "htmx:afterSwap": CustomEvent<{ target?: HTMLElement }>;
  "htmx:afterRequest": CustomEvent<{ xhr: XMLHttpRequest }>;
  "htmx:historyCacheMiss": CustomEvent<{ xhr: XMLHttpRequest }>;
  "htmx:pushedIntoHistory": CustomEvent<{ path: string }>;
}
