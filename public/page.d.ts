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
  "keys-enabled": HTMLInputElement;
  "too-large": HTMLTemplateElement;
  unreachable: HTMLTemplateElement;
  "unreachable-notice": HTMLTemplateElement;
}

interface DocumentEventMap {
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
