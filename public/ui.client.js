/**
 * Browser behaviour that htmx and HTML do not have: skipping swaps that change nothing, messages while the service is out of
 * reach, planes on narrow screens, dropped files, the clipboard and keyboard shortcuts. Every page works without this script.
 */

document.documentElement.classList.add("js");

/**
 * @template {string} Id
 * @param {Id} id
 * @returns {(Id extends keyof PageElements ? PageElements[Id] : HTMLElement) | null}
 */
const byId = (id) => /** @type {any} */ (document.getElementById(id));

/** @param {Event} event */
const targetOf = (event) => /** @type {HTMLElement} */ (event.target);

/** @param {string} selector */
const findAll = (selector) => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector));

const findPlanes = () => /** @type {HTMLElement | null} */ (document.querySelector(".planes"));

const KEYS_OFF = "jejakekal-keys-off";

/* Swaps. An unchanged fragment is not replaced, which keeps the reader's selection, focus and opened steps. */
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const next = /** @type {HTMLElement | null} */ (fragment.firstElementChild);
  if (next === null || target.id !== next.id) return;
  if (target.matches(":active") && isPolling()) {
    // A button that is replaced while it is pressed gets no click. The next poll brings what this one would have.
    event.detail.shouldSwap = false;
    return;
  }
  if (target.id === "commands-first") keepOlderCommands(target, next);
  const { version, kept } = target.dataset;
  if (version !== undefined && (version === next.dataset.version || kept !== undefined)) {
    event.detail.shouldSwap = false;
    updatePolling(target, next);
    return;
  }
  if (target.id !== "exec") return;
  rememberRemovedAction(target, next);
  if (target.dataset.runId === next.dataset.runId) keepOpenDetails(target, next);
});

const isPolling = () => byId("exec")?.getAttribute("hx-trigger")?.startsWith("every") === true;

/* `data-open` marks what the server opened. What the reader opened or closed since then stays that way. */
/**
 * @param {HTMLElement} target
 * @param {HTMLElement} next
 */
function keepOpenDetails(target, next) {
  for (const element of target.querySelectorAll("details[id]")) {
    const details = /** @type {HTMLDetailsElement} */ (element);
    const isReadersChoice = details.open !== details.hasAttribute("data-open");
    if (isReadersChoice)
      next.querySelector(`#${CSS.escape(details.id)}`)?.toggleAttribute("open", details.open);
  }
}

/* A fragment that is not replaced can still get another poll address or interval. */
/**
 * @param {HTMLElement} target
 * @param {HTMLElement} next
 */
function updatePolling(target, next) {
  const changed = ["hx-get", "hx-trigger"].filter(
    (name) => target.getAttribute(name) !== next.getAttribute(name),
  );
  for (const name of changed) {
    const value = next.getAttribute(name);
    if (value === null) target.removeAttribute(name);
    else target.setAttribute(name, value);
  }
  if (changed.length > 0) htmx.process(target);
}

/* A swap can remove the focused action (Cancel, Resume). The focus then moves to the heading of the run and not to another
   action, which a second Enter would start. */
let isFocusedActionRemoved = false;

/**
 * @param {HTMLElement} target
 * @param {HTMLElement} next
 */
function rememberRemovedAction(target, next) {
  const action = document.activeElement?.closest("[id^=act-]");
  isFocusedActionRemoved =
    action != null && target.contains(action) && next.querySelector(`#${action.id}`) === null;
}

function focusRunTitle() {
  if (!isFocusedActionRemoved) return;
  isFocusedActionRemoved = false;
  byId("execution-title")?.focus({ preventScroll: true });
}

/* A refresh replaces the first page of commands. Older pages that the reader has loaded stay, and commands that newer ones
   push out of the first page move to them. When the two parts no longer meet, the loaded pages are dropped. */
/**
 * @param {HTMLElement} target
 * @param {HTMLElement} next
 */
function keepOlderCommands(target, next) {
  const older = byId("commands-older");
  const list = older?.querySelector("ol");
  const items = [...target.querySelectorAll("li")];
  const last = items.findLastIndex((item) => next.querySelector(`#${item.firstElementChild?.id}`) !== null);
  const meet = list != null && last !== -1;
  if (meet) list.prepend(...items.slice(last + 1));
  older?.toggleAttribute("data-kept", meet);
}

/* A hidden tab does not refresh its command list. A tab that the reader returns to refreshes list and run, which another tab
   may have changed. */
document.addEventListener("htmx:confirm", (event) => {
  if (document.hidden && event.detail.elt.id === "commands-first") event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  // A tab opened in the background can become visible before its body is parsed.
  if (!document.hidden) tellBody("runs-changed", "tab-shown");
});

addEventListener("focus", () => tellBody("tab-shown"));

/** @param {string[]} names */
function tellBody(...names) {
  for (const name of names) document.body?.dispatchEvent(new CustomEvent(name));
}

/* A short run ends before the first regular poll. In its first moments it is polled more often, where the address does not
   set an interval. */
const EARLY_MS = 1_500;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let earlyPoll;

function pollEarly() {
  const exec = byId("exec");
  const [aside] = findAll("#run-status [data-elapsed]");
  const elapsedMs = Number(aside?.dataset.elapsed ?? EARLY_MS);
  if (exec?.getAttribute("hx-trigger") !== "every 1s" || elapsedMs < 0 || elapsedMs >= EARLY_MS) return;
  clearTimeout(earlyPoll);
  earlyPoll = setTimeout(
    () => {
      const source = byId("exec");
      const address = source?.getAttribute("hx-get");
      if (source != null && address != null && !document.hidden)
        // A request that fails is shown by the events of htmx.
        htmx.ajax("GET", address, { source, swap: "none" })?.catch(() => undefined);
    },
    80 + elapsedMs / 4,
  );
}

/* The dialog that asks for the reason of a change. Once that is sent, the focus is on the heading of the run and not on the
   action, which a second Enter would repeat or undo. */
document.addEventListener("htmx:afterSettle", (event) => {
  // A refusal is shown in the notice, and the dialog would cover it.
  if (event.detail?.target?.id === "change-body" && event.detail.xhr?.status === 200)
    byId("change")?.showModal();
});

document.addEventListener("submit", (event) => {
  const dialog = byId("change");
  if (dialog === null || !dialog.contains(targetOf(event))) return;
  dialog.close();
  byId("execution-title")?.focus({ preventScroll: true });
});

/* A poll can replace the button that opened the dialog. The browser then has no element to give the focus back to. */
document.addEventListener(
  "close",
  (event) => {
    if (targetOf(event).id !== "change" || document.activeElement !== document.body) return;
    const opener = byId("act-cancel") ?? byId("act-resume") ?? byId("execution-title");
    opener?.focus({ preventScroll: true });
  },
  { capture: true },
);

/* The response to a poll of a removed pane would bring the old run back, so the poll is aborted. */
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  const target = targetOf(event);
  if (target.id === "exec")
    target.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: {} }));
});

/* Ctrl, Meta and Shift clicks belong to the browser: htmx would open the link in this tab. */
document.addEventListener(
  "click",
  (event) => {
    if ((event.ctrlKey || event.metaKey || event.shiftKey) && targetOf(event).closest("a[href]"))
      event.stopPropagation();
  },
  { capture: true },
);

/* The service is out of reach. A failed poll shows it in the status, and the next successful poll replaces that. Any other
   failed request shows it in the notice. */
for (const failed of /** @type {const} */ (["htmx:sendError", "htmx:timeout"])) {
  document.addEventListener(failed, (event) => {
    if (event.detail.elt?.id === "exec") showUnreachable();
    else if (!isUnreachableNoticeShown()) showNotice("unreachable-notice");
  });
}

document.addEventListener("jejakekal:unreachable", () => showNotice("unreachable-notice"));

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status !== 0 && isUnreachableNoticeShown()) byId("notice")?.replaceChildren();
});

function isUnreachableNoticeShown() {
  return document.querySelector('#notice [data-code="unreachable"]') !== null;
}

function showUnreachable() {
  byId("run-status")?.replaceWith(cloneTemplate("unreachable"));
  updateMarks();
}

let announced = "";

/* Updates what depends on the whole page: the current command and artifact, the tabs, and the word for screen readers. */
function updateMarks() {
  const runId = byId("exec")?.dataset.runId;
  const viewer = byId("artifact-view");
  const artifact = byId("source")?.dataset.artifact ?? viewer?.dataset.artifact;
  // A citation beside the memo replaces only the document within the viewer.
  if (viewer !== null && artifact !== undefined) viewer.dataset.artifact = artifact;
  mark("a[data-run]", (link) => runId !== undefined && link.dataset.run === runId);
  mark("a[data-artifact]", (link) => artifact !== undefined && link.dataset.artifact === artifact);
  const status = byId("run-status");
  const state = status === null ? "" : `${status.dataset.state} ${runId ?? ""}`;
  if (state !== announced) {
    if (announced !== "") announce(status?.querySelector("strong")?.textContent ?? "");
    announced = state;
  }
  markTabs();
  document.dispatchEvent(new Event("jejakekal:shown"));
}

/**
 * @param {string} selector
 * @param {(link: HTMLElement) => boolean} isCurrent
 */
function mark(selector, isCurrent) {
  for (const link of findAll(selector)) {
    if (isCurrent(link)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:afterSettle", () => {
  updateMarks();
  focusRunTitle();
  pollEarly();
  scrollToTop();
});

/* The result of a filter, for screen readers. A page that is restored from history is swapped without a target. */
document.addEventListener("htmx:afterSwap", (event) => {
  const summary = event.detail.target?.id === "commands" ? byId("commands")?.dataset.summary : undefined;
  if (summary !== undefined) announce(summary);
});

/** @param {string} text */
function announce(text) {
  const announcer = byId("announcer");
  if (announcer !== null) announcer.textContent = text;
}

document.addEventListener("htmx:historyRestore", () => {
  updateMarks();
  showPlace();
});

/* Back and forward change the address before the page is loaded. When loading fails, the page that is still shown has the
   wrong address, so it is reloaded as soon as the service answers. */
document.addEventListener("htmx:historyCacheMiss", ({ detail: { xhr } }) => {
  xhr.timeout = 10_000;
  for (const failed of ["error", "timeout"]) xhr.addEventListener(failed, reloadWhenBack);
});

document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());

function reloadWhenBack() {
  showUnreachable();
  setTimeout(async () => {
    try {
      await fetch(location.href, { method: "HEAD" });
      location.reload();
    } catch {
      reloadWhenBack();
    }
  }, 3_000);
}

/* Planes. A narrow screen shows one plane at a time. */
/** @param {string} name */
function showPlane(name) {
  const planes = findPlanes();
  if (planes !== null) planes.dataset.plane = name;
  markTabs();
}

function markTabs() {
  const shown = findPlanes()?.dataset.plane;
  mark(".tabs a", (link) => link.dataset.plane === shown);
}

/* A run or artifact opened in this page is shown from its top, with the focus on its heading. An address with a hash jumps
   to its target instead. */
/** @type {"execution" | "artifact" | null} */
let openedPlane = null;

document.addEventListener("htmx:pushedIntoHistory", (event) => {
  const { pathname, hash } = new URL(event.detail.path, location.href);
  const plane = pathname.startsWith("/runs/") ? "execution" : "artifact";
  showPlane(plane);
  if (hash === "") openedPlane = plane;
});

function scrollToTop() {
  if (openedPlane === null) return;
  const [plane, heading] = [byId(`${openedPlane}-plane`), byId(`${openedPlane}-title`)];
  openedPlane = null;
  plane?.scrollTo(0, 0);
  // A run also replaces the content of the artifact plane with its memo.
  byId("artifact-plane")?.scrollTo(0, 0);
  plane?.scrollIntoView({ block: "start" });
  // While the command box is visible and focused, the focus stays there for the next command.
  if (!document.activeElement?.closest("#command-form")?.checkVisibility())
    heading?.focus({ preventScroll: true });
}

/* The command box. An accepted command empties it; a refused one stays there to be corrected. */
document.addEventListener("command-taken", () => {
  byId("command-form")?.reset();
});

/* A document over the limit is refused before it is sent, because a server that closes the connection during the upload gives
   the browser no message to show. */
document.addEventListener(
  "submit",
  (event) => {
    const refusal = byId("too-large");
    if (targetOf(event).id !== "command-form" || refusal === null) return;
    const files = byId("file")?.files;
    // Of several files, each is refused for itself.
    if (files != null && files.length > 1) return;
    const bytes = files?.[0]?.size ?? new Blob([byId("cmd")?.value ?? ""]).size;
    if (bytes <= Number(refusal.dataset.limitBytes)) return;
    event.preventDefault();
    event.stopPropagation();
    showNotice("too-large");
  },
  { capture: true },
);

/* The messages are templates in the page, so that all page texts are in the views. */
/** @param {"too-large" | "unreachable" | "unreachable-notice"} id */
const cloneTemplate = (id) => byId(id)?.content.firstElementChild?.cloneNode(true) ?? "";

/** @param {"too-large" | "unreachable-notice"} templateId */
function showNotice(templateId) {
  byId("notice")?.replaceChildren(cloneTemplate(templateId));
}

/* The focus moves from the removed button to the visible plane. */
function dismissNotice() {
  byId("notice")?.replaceChildren();
  const shown = findPlanes()?.dataset.plane;
  byId(`${shown}-plane`)?.focus({ preventScroll: true });
}

/* A browser that blocks storage has the keys, and keeps no choice. */
function areKeysOn() {
  try {
    return localStorage.getItem(KEYS_OFF) === null;
  } catch {
    return true;
  }
}

/** @param {boolean} areOn */
function storeKeys(areOn) {
  try {
    if (areOn) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  } catch {
    // Then nothing keeps the choice.
  }
}

document.addEventListener("change", (event) => {
  const target = targetOf(event);
  if (target.id === "file") {
    byId("command-run")?.focus();
  }
  if (target.id === "keys-enabled") {
    storeKeys(byId("keys-enabled")?.checked === true);
  }
});

/* Files can be dropped anywhere: without a handler the browser would leave the page to open them. */
/** @param {DragEvent} event */
const holdsFiles = (event) => event.dataTransfer?.types.includes("Files") === true;

document.addEventListener("dragover", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  byId("command-form")?.setAttribute("data-over", "");
});

document.addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) byId("command-form")?.removeAttribute("data-over");
});

document.addEventListener("drop", (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  byId("command-form")?.removeAttribute("data-over");
  document.dispatchEvent(new CustomEvent("jejakekal:files", { detail: event.dataTransfer?.files ?? [] }));
  showPlane("conversation");
  byId("command-run")?.focus();
});

document.addEventListener("click", (event) => {
  /** @type {HTMLElement | null} */
  const target = targetOf(event).closest("[data-copy], [data-dismiss], [data-opens], [data-closes], .tabs a");
  if (target === null) return;
  const { copy, plane } = target.dataset;
  if (copy !== undefined) copyText(target, copy);
  if (target.dataset.dismiss !== undefined) dismissNotice();
  // On a page of its own the link leads back to the run.
  if (target.dataset.closes === "change" && byId("change") !== null) {
    event.preventDefault();
    byId("change")?.close();
  }
  if (target.dataset.opens === "keys") {
    event.preventDefault();
    toggleKeys();
  }
  if (target.matches(".tabs a") && plane !== undefined) {
    event.preventDefault();
    showPlane(plane);
    byId(`${plane}-plane`)?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
});

/* The elapsed time of a running run counts on between two polls. */
/** @type {WeakMap<Element, number>} */
const shownAt = new WeakMap();

setInterval(() => {
  const [aside] = findAll("#run-status [data-elapsed]");
  if (aside === undefined || document.hidden) return;
  const since = shownAt.get(aside) ?? performance.now();
  shownAt.set(aside, since);
  const ms = Number(aside.dataset.elapsed) + performance.now() - since;
  if (ms < 59_950)
    aside.textContent = ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
}, 100);

/* Where the browser refuses access to the clipboard, the text is selected for the reader to copy. */
/**
 * @param {HTMLElement} button
 * @param {string} text
 */
async function copyText(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    confirmCopy(button, "Copied");
  } catch {
    const code = button.parentElement?.querySelector("code");
    if (code) getSelection()?.selectAllChildren(code);
    confirmCopy(button, "Selected");
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} word
 */
function confirmCopy(button, word) {
  const label = /** @type {Text} */ (button.firstChild);
  label.data = word;
  announce(word);
  setTimeout(() => {
    label.data = "Copy";
  }, 2_000);
}

function toggleKeys() {
  const [dialog, enabled] = [byId("keys"), byId("keys-enabled")];
  if (dialog === null || enabled === null) return;
  if (dialog.open) dialog.close();
  else {
    enabled.checked = areKeysOn();
    dialog.showModal();
  }
}

/** @param {number} by */
function focusRun(by) {
  const links = [...findAll("a.line")];
  if (links.length === 0) return;
  const at = /** @type {(Element | null)[]} */ (links).indexOf(document.activeElement);
  const current = at === -1 ? links.findIndex((link) => link.hasAttribute("aria-current")) : at;
  const next = links[Math.min(Math.max(current + by, 0), links.length - 1)];
  showPlane("conversation");
  next?.focus();
}

/* Keyboard shortcuts. `/` goes to the command box and types the slash that every command starts with. */
function beginCommand() {
  const box = byId("cmd");
  if (box === null) return;
  showPlane("conversation");
  box.focus();
  if (box.value === "") box.value = "/";
}

document.addEventListener("keydown", (event) => {
  const target = targetOf(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.id === "cmd") typeInCommandBox(event);
  else if (target.closest("input:not([type=checkbox]), textarea, select") === null) useShortcut(event);
});

/** @param {KeyboardEvent} event */
function typeInCommandBox(event) {
  const { key } = event;
  const box = byId("cmd");
  if (key === "Escape") box?.blur();
  // The shortcut has typed the slash already: a second one is ignored.
  if (key === "/" && box?.value === "/") event.preventDefault();
  if (key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    box?.form?.requestSubmit();
  }
}

/** @param {number} by */
function walkCitations(by) {
  document.dispatchEvent(new CustomEvent("jejakekal:walk", { detail: by }));
}

/** @type {Record<string, () => void>} */
const SHORTCUTS = {
  "/": beginCommand,
  "?": toggleKeys,
  j: () => focusRun(1),
  k: () => focusRun(-1),
  n: () => walkCitations(1),
  p: () => walkCitations(-1),
  1: () => focusPlane("conversation"),
  2: () => focusPlane("execution"),
  3: () => focusPlane("artifact"),
};

/** @param {KeyboardEvent} event */
function useShortcut(event) {
  const { key } = event;
  if (!areKeysOn() || !Object.hasOwn(SHORTCUTS, key)) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog !== null && (dialog.id !== "keys" || key !== "?")) return;
  event.preventDefault();
  SHORTCUTS[key]?.();
}

/** @param {string} name */
function focusPlane(name) {
  showPlane(name);
  byId(`${name}-plane`)?.focus();
}

/* Scrolls to the element that the address names with its hash, or else to the step of `?step=`. */
function showPlace() {
  const named = location.hash === "" ? null : byId(location.hash.slice(1));
  (named ?? document.querySelector("details[aria-current]"))?.scrollIntoView({ block: "center" });
}

document.addEventListener("DOMContentLoaded", () => {
  updateMarks();
  pollEarly();
  if (location.hash === "") showPlace();
});
