/**
 * What htmx and the browser do not do by themselves: keys, dropped files, a service that has gone, and leaving alone what
 * has not changed. The page reads and submits without it.
 */

document.documentElement.classList.add("js");

const byId = (id) => document.getElementById(id);
const KEYS_OFF = "jejakekal-keys-off";

/* What a swap would renew with the same is left alone: selection, focus and opened steps stay. */
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const next = fragment.firstElementChild;
  if (next === null || target.id !== next.id) return;
  if (target.id === "commands-first") keepOlder(target, next);
  const { version, kept } = target.dataset;
  if (version !== undefined && (version === next.dataset.version || kept !== undefined)) {
    event.detail.shouldSwap = false;
    askAs(target, next);
    return;
  }
  if (target.id !== "exec") return;
  rememberAct(target, next);
  if (target.dataset.runId !== next.dataset.runId) return;
  for (const fold of target.querySelectorAll("details[id]")) {
    const isReadersChoice = fold.open !== fold.hasAttribute("data-open");
    if (isReadersChoice) next.querySelector(`#${CSS.escape(fold.id)}`)?.toggleAttribute("open", fold.open);
  }
});

/* What stays as it is may be asked for at another address, or at another pace, from now on. */
function askAs(target, next) {
  const changed = ["hx-get", "hx-trigger"].filter(
    (name) => target.getAttribute(name) !== next.getAttribute(name),
  );
  for (const name of changed) {
    if (next.hasAttribute(name)) target.setAttribute(name, next.getAttribute(name));
    else target.removeAttribute(name);
  }
  if (changed.length > 0) htmx.process(target);
}

/* A button that did its work is gone with it; whoever pressed it goes on at the one that took its place. */
let isActGone = false;

function rememberAct(target, next) {
  const act = document.activeElement?.closest("[id^=act-]");
  isActGone = act != null && target.contains(act) && next.querySelector(`#${act.id}`) === null;
}

function focusNextAct() {
  if (!isActGone) return;
  isActGone = false;
  (byId("act-resume") ?? byId("act-cancel") ?? byId("act-watch") ?? byId("act-export"))?.focus();
}

/* Older pages of the ledger, once they are there, stay. Lines that newer ones pushed out of the first page go on as the
   first of them; where the two do not meet any more, the older ones begin anew. */
function keepOlder(target, next) {
  const older = byId("commands-older");
  const list = older?.querySelector("ol");
  const lines = [...target.querySelectorAll("li")];
  const last = lines.findLastIndex((line) => next.querySelector(`#${line.firstElementChild.id}`) !== null);
  const meet = list != null && last !== -1;
  if (meet) list.prepend(...lines.slice(last + 1));
  older?.toggleAttribute("data-kept", meet);
}

/* A page that nobody looks at is not kept up to date; it is when it is looked at again. */
document.addEventListener("htmx:confirm", (event) => {
  if (document.hidden && event.detail.elt.id === "commands-first") event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  // A tab that is opened behind another may be looked at before it has a body.
  if (!document.hidden) document.body?.dispatchEvent(new CustomEvent("runs-changed"));
});

/* An answer to a pane that has been replaced would bring back what is gone. */
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  if (event.target.id === "exec")
    event.target.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: {} }));
});

/* A link opened in a new tab is the browser's: htmx would open it here. */
document.addEventListener(
  "click",
  (event) => {
    if ((event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest("a[href]"))
      event.stopPropagation();
  },
  { capture: true },
);

/* The service is out of reach. A poll says so in the status, goes on asking, and its next answer says otherwise by itself;
   of anything else that was asked the status knows nothing, and the notice tells it. */
for (const failed of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failed, (event) => {
    if (event.detail.elt?.id === "exec") showUnreachable();
    else if (!saysUnreachable()) say("unreachable-notice");
  });
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.xhr.status !== 0 && saysUnreachable()) byId("notice").replaceChildren();
});

function saysUnreachable() {
  return document.querySelector('#notice [data-code="unreachable"]') !== null;
}

function showUnreachable() {
  byId("run-status")?.replaceWith(wordsOf("unreachable"));
  settle();
}

let announced = "";

/* After every change: which line and which artifact are open, and one word to those who listen. */
function settle() {
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
  settle();
  focusNextAct();
  beginAtTheTop();
});

document.addEventListener("htmx:historyRestore", () => {
  settle();
  showPlace();
});

/* A page of the past that cannot be had is not the one that still stands here, whose address is gone already. */
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

/* Narrow screens show one plane: the one that was just asked for. */
function showPlane(name) {
  const planes = document.querySelector(".planes");
  if (planes !== null) planes.dataset.plane = name;
  markTabs();
}

function markTabs() {
  const shown = document.querySelector(".planes")?.dataset.plane;
  mark(".tabs a", (link) => link.dataset.plane === shown);
}

/* What is opened in place is read from its beginning, by eye and by keyboard; a place within it is jumped to instead. */
let opened = null;

document.addEventListener("htmx:pushedIntoHistory", (event) => {
  const { pathname, hash } = new URL(event.detail.path, location.href);
  const plane = pathname.startsWith("/runs/") ? "execution" : "artifact";
  showPlane(plane);
  if (hash === "") opened = plane;
});

function beginAtTheTop() {
  if (opened === null) return;
  const [plane, heading] = [byId(`${opened}-plane`), byId(`${opened}-title`)];
  opened = null;
  plane?.scrollTo(0, 0);
  /* A run brings its memo along, or the promise of it. */
  byId("artifact-plane")?.scrollTo(0, 0);
  plane?.scrollIntoView({ block: "start" });
  /* Whoever writes commands goes on writing them, as long as the box is in sight. */
  if (!document.activeElement?.closest("#command-form")?.checkVisibility())
    heading?.focus({ preventScroll: true });
}

/* A command that was taken leaves an empty box; one that was refused stays to be mended. */
document.addEventListener("command-taken", () => {
  byId("command-form")?.reset();
  showFile();
});

/* A document over the limit is refused before it is sent: a connection that breaks off half-way says nothing to anyone. */
document.addEventListener(
  "submit",
  (event) => {
    const refusal = byId("too-large");
    if (event.target.id !== "command-form" || refusal === null) return;
    const bytes = byId("file").files[0]?.size ?? new Blob([byId("cmd").value]).size;
    if (bytes <= Number(refusal.dataset.limitBytes)) return;
    event.preventDefault();
    event.stopPropagation();
    say("too-large");
  },
  { capture: true },
);

const wordsOf = (template) => byId(template)?.content.firstElementChild?.cloneNode(true) ?? "";

/* In the page's own words, which the server put into a template. */
function say(template) {
  byId("notice")?.replaceChildren(wordsOf(template));
}

/* What was said goes, and whoever was there stays on the page. */
function dismiss() {
  byId("notice")?.replaceChildren();
  const shown = document.querySelector(".planes")?.dataset.plane;
  byId(`${shown}-plane`)?.focus({ preventScroll: true });
}

function showFile() {
  const name = byId("file-name");
  if (name !== null) name.textContent = byId("file")?.files[0]?.name ?? "";
}

document.addEventListener("change", (event) => {
  if (event.target.id === "file") {
    showFile();
    byId("command-run")?.focus();
  }
  if (event.target.id === "keys-enabled") {
    if (event.target.checked) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
  }
});

/* Files may be dropped anywhere on the page; elsewhere than on the box the browser would leave the page for them. */
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
  showFile();
  byId("command-run")?.focus();
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-copy], [data-dismiss], [data-opens], .tabs a");
  if (target === null) return;
  if (target.dataset.copy !== undefined) copy(target);
  if (target.dataset.dismiss !== undefined) dismiss();
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

/* Between two polls time goes on: what the service said last, and what has passed since. */
const saidAt = new WeakMap();

setInterval(() => {
  const aside = document.querySelector("#run-status [data-elapsed]");
  if (aside === null || document.hidden) return;
  if (!saidAt.has(aside)) saidAt.set(aside, performance.now());
  const ms = Number(aside.dataset.elapsed) + performance.now() - saidAt.get(aside);
  if (ms >= 100 && ms < 60_000) aside.textContent = `${(ms / 1_000).toFixed(1)} s`;
}, 100);

/* Where a page may not copy, the text is selected, and the reader's own keys do it. */
async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    tell(button, "Copied");
  } catch {
    getSelection().selectAllChildren(button.parentElement.querySelector("code"));
    tell(button, "Selected");
  }
}

function tell(button, word) {
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

function stepThroughRuns(by) {
  const lines = [...document.querySelectorAll("a.line")];
  if (lines.length === 0) return;
  const at = lines.indexOf(document.activeElement);
  const current = at === -1 ? lines.findIndex((line) => line.hasAttribute("aria-current")) : at;
  const next = lines[Math.min(Math.max(current + by, 0), lines.length - 1)];
  showPlane("conversation");
  next.focus();
}

/* Every command begins with the key that leads to its box. */
function beginCommand() {
  const box = byId("cmd");
  if (box === null) return;
  showPlane("conversation");
  box.focus();
  if (box.value === "") box.value = "/";
}

const PLANES = { 1: "conversation", 2: "execution", 3: "artifact" };

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.id === "cmd") {
    if (key === "Escape") target.blur();
    // Who means the key that leads here and who means the command's first letter both get one.
    if (key === "/" && target.value === "/") event.preventDefault();
    if (key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      target.form.requestSubmit();
    }
    return;
  }
  const isTyping = target.closest("input:not([type=checkbox]), textarea, select") !== null;
  if (isTyping || localStorage.getItem(KEYS_OFF) !== null) return;
  if (byId("keys")?.open && key !== "?") return;
  const acts = {
    "/": beginCommand,
    "?": toggleKeys,
    j: () => stepThroughRuns(1),
    k: () => stepThroughRuns(-1),
    1: () => focusPlane(1),
    2: () => focusPlane(2),
    3: () => focusPlane(3),
  };
  const act = Object.hasOwn(acts, key) ? acts[key] : undefined;
  if (act === undefined) return;
  event.preventDefault();
  act();
});

function focusPlane(number) {
  showPlane(PLANES[number]);
  byId(`${PLANES[number]}-plane`)?.focus();
}

/* The address names a place, or marks a step: bring it into sight, without moving what nobody has asked to move. */
function showPlace() {
  const named = location.hash === "" ? null : byId(location.hash.slice(1));
  (named ?? document.querySelector("details[aria-current]"))?.scrollIntoView({ block: "center" });
}

document.addEventListener("DOMContentLoaded", () => {
  settle();
  if (location.hash === "") showPlace();
});
