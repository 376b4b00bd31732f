/**
 * Browser behaviour that htmx and HTML do not have: skipping swaps that change nothing, messages while the service is out of
 * reach, planes on narrow screens, dropped files, the clipboard and keyboard shortcuts. Every page works without this script.
 */

document.documentElement.classList.add("js");

const byId = (id) => document.getElementById(id);
const KEYS_OFF = "jejakekal-keys-off";

/* Swaps. An unchanged fragment is not replaced, which keeps the reader's selection, focus and opened steps. */
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const next = fragment.firstElementChild;
  if (next === null || target.id !== next.id) return;
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

/* `data-open` marks what the server opened. What the reader opened or closed since then stays that way. */
function keepOpenDetails(target, next) {
  for (const details of target.querySelectorAll("details[id]")) {
    const isReadersChoice = details.open !== details.hasAttribute("data-open");
    if (isReadersChoice)
      next.querySelector(`#${CSS.escape(details.id)}`)?.toggleAttribute("open", details.open);
  }
}

/* A fragment that is not replaced can still get another poll address or interval. */
function updatePolling(target, next) {
  const changed = ["hx-get", "hx-trigger"].filter(
    (name) => target.getAttribute(name) !== next.getAttribute(name),
  );
  for (const name of changed) {
    if (next.hasAttribute(name)) target.setAttribute(name, next.getAttribute(name));
    else target.removeAttribute(name);
  }
  if (changed.length > 0) htmx.process(target);
}

/* A swap can remove the focused action (Cancel, Resume). The focus then moves to the action in its place. */
let isFocusedActionRemoved = false;

function rememberRemovedAction(target, next) {
  const action = document.activeElement?.closest("[id^=act-]");
  isFocusedActionRemoved =
    action != null && target.contains(action) && next.querySelector(`#${action.id}`) === null;
}

function focusNextAction() {
  if (!isFocusedActionRemoved) return;
  isFocusedActionRemoved = false;
  (byId("act-resume") ?? byId("act-cancel") ?? byId("act-watch") ?? byId("act-export"))?.focus();
}

/* A refresh replaces the first page of commands. Older pages that the reader has loaded stay, and commands that newer ones
   push out of the first page move to them. When the two parts no longer meet, the loaded pages are dropped. */
function keepOlderCommands(target, next) {
  const older = byId("commands-older");
  const list = older?.querySelector("ol");
  const items = [...target.querySelectorAll("li")];
  const last = items.findLastIndex((item) => next.querySelector(`#${item.firstElementChild.id}`) !== null);
  const meet = list != null && last !== -1;
  if (meet) list.prepend(...items.slice(last + 1));
  older?.toggleAttribute("data-kept", meet);
}

/* A hidden tab does not refresh its command list; it refreshes when it becomes visible. */
document.addEventListener("htmx:confirm", (event) => {
  if (document.hidden && event.detail.elt.id === "commands-first") event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  // A tab opened in the background can become visible before its body is parsed.
  if (!document.hidden) document.body?.dispatchEvent(new CustomEvent("runs-changed"));
});

/* The response to a poll of a removed pane would bring the old run back, so the poll is aborted. */
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  if (event.target.id === "exec")
    event.target.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: {} }));
});

/* Ctrl, Meta and Shift clicks belong to the browser: htmx would open the link in this tab. */
document.addEventListener(
  "click",
  (event) => {
    if ((event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest("a[href]"))
      event.stopPropagation();
  },
  { capture: true },
);

/* The service is out of reach. A failed poll shows it in the status, and the next successful poll replaces that. Any other
   failed request shows it in the notice. */
for (const failed of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failed, (event) => {
    if (event.detail.elt?.id === "exec") showUnreachable();
    else if (!isUnreachableNoticeShown()) showNotice("unreachable-notice");
  });
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status !== 0 && isUnreachableNoticeShown()) byId("notice").replaceChildren();
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
  const artifact = byId("artifact-view")?.dataset.artifact;
  mark("a[data-run]", (link) => runId !== undefined && link.dataset.run === runId);
  mark("a[data-artifact]", (link) => artifact !== undefined && link.dataset.artifact === artifact);
  const status = byId("run-status");
  const state = status === null ? "" : `${status.dataset.state} ${runId ?? ""}`;
  if (state !== announced && byId("announcer") !== null) {
    if (announced !== "") byId("announcer").textContent = status?.querySelector("strong")?.textContent ?? "";
    announced = state;
  }
  markTabs();
}

function mark(selector, isCurrent) {
  for (const link of document.querySelectorAll(selector)) {
    if (isCurrent(link)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:afterSettle", () => {
  updateMarks();
  focusNextAction();
  scrollToTop();
});

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
function showPlane(name) {
  const planes = document.querySelector(".planes");
  if (planes !== null) planes.dataset.plane = name;
  markTabs();
}

function markTabs() {
  const shown = document.querySelector(".planes")?.dataset.plane;
  mark(".tabs a", (link) => link.dataset.plane === shown);
}

/* A run or artifact opened in this page is shown from its top, with the focus on its heading. An address with a hash jumps
   to its target instead. */
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
  showFileName();
});

/* A document over the limit is refused before it is sent, because a server that closes the connection during the upload gives
   the browser no message to show. */
document.addEventListener(
  "submit",
  (event) => {
    const refusal = byId("too-large");
    if (event.target.id !== "command-form" || refusal === null) return;
    const bytes = byId("file").files[0]?.size ?? new Blob([byId("cmd").value]).size;
    if (bytes <= Number(refusal.dataset.limitBytes)) return;
    event.preventDefault();
    event.stopPropagation();
    showNotice("too-large");
  },
  { capture: true },
);

/* The messages are templates in the page, so that all page texts are in the views. */
const cloneTemplate = (id) => byId(id)?.content.firstElementChild?.cloneNode(true) ?? "";

function showNotice(templateId) {
  byId("notice")?.replaceChildren(cloneTemplate(templateId));
}

/* The focus moves from the removed button to the visible plane. */
function dismissNotice() {
  byId("notice")?.replaceChildren();
  const shown = document.querySelector(".planes")?.dataset.plane;
  byId(`${shown}-plane`)?.focus({ preventScroll: true });
}

function showFileName() {
  const name = byId("file-name");
  if (name !== null) name.textContent = byId("file")?.files[0]?.name ?? "";
}

document.addEventListener("change", (event) => {
  if (event.target.id === "file") {
    showFileName();
    byId("command-run")?.focus();
  }
  if (event.target.id === "keys-enabled") {
    if (event.target.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  }
});

/* Files can be dropped anywhere: without a handler the browser would leave the page to open them. */
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
  const input = byId("file");
  if (input === null) return;
  input.files = event.dataTransfer.files;
  showPlane("conversation");
  showFileName();
  byId("command-run")?.focus();
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-copy], [data-dismiss], [data-opens], .tabs a");
  if (target === null) return;
  if (target.dataset.copy !== undefined) copy(target);
  if (target.dataset.dismiss !== undefined) dismissNotice();
  if (target.dataset.opens === "keys") {
    event.preventDefault();
    toggleKeys();
  }
  if (target.matches(".tabs a")) {
    event.preventDefault();
    showPlane(target.dataset.plane);
    byId(`${target.dataset.plane}-plane`)?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
});

/* The elapsed time of a running run counts on between two polls. */
const shownAt = new WeakMap();

setInterval(() => {
  const aside = document.querySelector("#run-status [data-elapsed]");
  if (aside === null || document.hidden) return;
  if (!shownAt.has(aside)) shownAt.set(aside, performance.now());
  const ms = Number(aside.dataset.elapsed) + performance.now() - shownAt.get(aside);
  if (ms >= 100 && ms < 60_000) aside.textContent = `${(ms / 1_000).toFixed(1)} s`;
}, 100);

/* Where the browser refuses access to the clipboard, the text is selected for the reader to copy. */
async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    confirmCopy(button, "Copied");
  } catch {
    getSelection().selectAllChildren(button.parentElement.querySelector("code"));
    confirmCopy(button, "Selected");
  }
}

function confirmCopy(button, word) {
  button.firstChild.data = word;
  byId("announcer").textContent = word;
  setTimeout(() => {
    button.firstChild.data = "Copy";
  }, 2_000);
}

function toggleKeys() {
  const dialog = byId("keys");
  if (dialog === null) return;
  if (dialog.open) dialog.close();
  else {
    byId("keys-enabled").checked = localStorage.getItem(KEYS_OFF) === null;
    dialog.showModal();
  }
}

function focusRun(by) {
  const links = [...document.querySelectorAll("a.line")];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  const current = at === -1 ? links.findIndex((link) => link.hasAttribute("aria-current")) : at;
  const next = links[Math.min(Math.max(current + by, 0), links.length - 1)];
  showPlane("conversation");
  next.focus();
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
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.id === "cmd") typeInCommandBox(event);
  else if (target.closest("input:not([type=checkbox]), textarea, select") === null) useShortcut(event);
});

function typeInCommandBox(event) {
  const { target, key } = event;
  if (key === "Escape") target.blur();
  // The shortcut has typed the slash already: a second one is ignored.
  if (key === "/" && target.value === "/") event.preventDefault();
  if (key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    target.form.requestSubmit();
  }
}

const SHORTCUTS = {
  "/": beginCommand,
  "?": toggleKeys,
  j: () => focusRun(1),
  k: () => focusRun(-1),
  1: () => focusPlane("conversation"),
  2: () => focusPlane("execution"),
  3: () => focusPlane("artifact"),
};

function useShortcut(event) {
  const { key } = event;
  if (localStorage.getItem(KEYS_OFF) !== null || !Object.hasOwn(SHORTCUTS, key)) return;
  if (byId("keys")?.open && key !== "?") return;
  event.preventDefault();
  SHORTCUTS[key]();
}

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
  if (location.hash === "") showPlace();
});
