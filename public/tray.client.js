/**
 * The tray of chosen files: it lists them, and sends several of them as a batch, two at a time. One file alone is sent by the
 * form. Without this script the form sends all files in one request.
 */

const PARALLEL_UPLOADS = 2;

/** @typedef {"chosen" | "sending" | "started" | "refused" | "cancelled" | "unsent"} FileState */
/** @typedef {{ key: string, file: File, state: FileState, row: HTMLElement, request: XMLHttpRequest | null }} Chosen */

/** @type {Chosen[]} */
let chosen = [];

let nextKey = 0;

/** The batch of the files in the tray, once it is created. @type {string | null} */
let batchId = null;

const form = () => /** @type {HTMLFormElement | null} */ (document.getElementById("command-form"));
const field = () => /** @type {HTMLInputElement | null} */ (document.getElementById("file"));
const tray = () => document.getElementById("tray");

/** Adds files to those that are chosen. A file that is chosen already, by name, size and time, stays as it is. */
/** @param {Iterable<File>} files */
function addFiles(files) {
  const added = [...files].filter(
    (file) =>
      !chosen.some(
        (other) =>
          other.file.name === file.name &&
          other.file.size === file.size &&
          other.file.lastModified === file.lastModified,
      ),
  );
  if (chosen.every(({ state }) => state === "chosen")) batchId = null;
  chosen.push(...added.map(createRow));
  showChosen();
}

/** @param {File} file @returns {Chosen} */
function createRow(file) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("tray-row"));
  const row = /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true));
  setText(row, "name", file.name);
  setText(row, "size", formatBytes(file.size));
  row.querySelector("button")?.setAttribute("aria-label", `Remove ${file.name}`);
  const item = /** @type {Chosen} */ ({ key: String(nextKey++), file, state: "chosen", row, request: null });
  row.querySelector("button")?.addEventListener("click", () => removeFile(item));
  if (file.size > limitBytes())
    say(item, "chosen", document.getElementById("too-large")?.dataset.short ?? "");
  return item;
}

/** Removes a file that was not sent, and stops one that is being sent. */
/** @param {Chosen} item */
function removeFile(item) {
  item.request?.abort();
  if (item.state === "sending") return;
  chosen = chosen.filter((other) => other !== item);
  showChosen();
  field()?.focus();
}

/** The field holds what the tray shows, so that the form can send it. */
function showChosen() {
  const [input, list] = [field(), tray()];
  if (input === null || list === null) return;
  const transfer = new DataTransfer();
  for (const { file } of chosen) transfer.items.add(file);
  input.files = transfer.files;
  list.replaceChildren(...chosen.map(({ row }) => row));
  list.hidden = chosen.length === 0;
}

/** @param {Element} row @param {string} part @param {string} text */
function setText(row, part, text) {
  const element = row.querySelector(`[data-part="${part}"]`);
  if (element !== null) element.textContent = text;
}

/** @param {Chosen} item @param {FileState} state @param {string} words */
function say(item, state, words) {
  item.state = state;
  item.row.dataset.state = state;
  setText(item.row, "state", words);
}

const limitBytes = () =>
  Number(document.getElementById("too-large")?.dataset.limitBytes ?? Number.POSITIVE_INFINITY);

/** Units of 1,000, as everywhere in the pages. @param {number} bytes */
function formatBytes(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  const [value, unit] = bytes < 999_500 ? [bytes / 1_000, "kB"] : [bytes / 1_000_000, "MB"];
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Sends what is chosen as a batch, and opens its page. What could not be sent stays, and Run sends it again. */
async function sendBatch() {
  const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("command-run"));
  if (button !== null) button.disabled = true;
  try {
    batchId ??= await createBatch();
    const waiting = chosen.filter(({ state }) => state === "chosen" || state === "unsent");
    const sendNext = async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await sendFile(item);
    };
    await Promise.all(Array.from({ length: PARALLEL_UPLOADS }, sendNext));
    if (chosen.every(({ state }) => state !== "unsent")) location.assign(`/batches/${batchId}`);
  } catch {
    document.dispatchEvent(new CustomEvent("jejakekal:unreachable"));
  } finally {
    if (button !== null) button.disabled = false;
  }
}

async function createBatch() {
  const reply = await fetch("/batches", { method: "POST", headers: { accept: "application/json" } });
  const { batch_id: id } = await reply.json();
  if (!reply.ok) throw new Error("no batch");
  return String(id);
}

/** @param {Chosen} item @returns {Promise<void>} */
function sendFile(item) {
  const { file } = item;
  const sleepMs = /** @type {HTMLInputElement | null} */ (document.getElementById("sleep-ms"))?.value ?? "";
  const query = new URLSearchParams({ filename: file.name, item: item.key });
  if (sleepMs !== "") query.set("sleepMs", sleepMs);
  const request = new XMLHttpRequest();
  item.request = request;
  say(item, "sending", "0 %");
  return new Promise((resolve) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      if (item.state === "sending") say(item, "sending", `${Math.floor((loaded / total) * 100)} %`);
    });
    request.addEventListener("abort", () => say(item, "cancelled", "not sent"));
    for (const name of ["error", "timeout"])
      request.addEventListener(name, () => say(item, "unsent", "the service does not answer"));
    request.addEventListener("load", () => showReply(item, request));
    request.addEventListener("loadend", () => {
      item.request = null;
      resolve();
    });
    request.open("POST", `/batches/${batchId}/documents?${query}`);
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.send(file);
  });
}

/** @param {Chosen} item @param {XMLHttpRequest} request */
function showReply(item, request) {
  /** @type {{ message?: string, reason?: string, deduplicated?: boolean }} */
  let body = {};
  try {
    body = JSON.parse(request.responseText);
  } catch {}
  if (request.status === 202)
    return say(item, "started", body.deduplicated ? "sent before; one run" : "started");
  if (request.status >= 500) return say(item, "unsent", body.message ?? "the service failed");
  const reason = body.reason === undefined ? "" : ` It ${body.reason}.`;
  const takes = [413, 415].includes(request.status) ? ` ${form()?.dataset.takes}` : "";
  say(item, "refused", `refused: ${body.message ?? request.status}${reason}${takes}`);
}

document.addEventListener(
  "submit",
  (event) => {
    if (event.target !== form() || chosen.length < 2) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void sendBatch();
  },
  { capture: true },
);

/* A file field replaces its selection; the tray adds to it. */
document.addEventListener("change", (event) => {
  if (event.target === field()) addFiles(field()?.files ?? []);
});

document.addEventListener("reset", (event) => {
  if (event.target !== form()) return;
  chosen = [];
  queueMicrotask(showChosen);
});

document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files;
  // Office programs put a picture of a copied text beside the text.
  if (files === undefined || files.length === 0 || event.clipboardData?.types.includes("text/plain")) return;
  event.preventDefault();
  addFiles(files);
});

document.addEventListener("jejakekal:files", (event) => {
  addFiles(/** @type {CustomEvent<Iterable<File>>} */ (event).detail);
});

addEventListener("beforeunload", (event) => {
  if (chosen.some(({ state }) => state === "sending")) event.preventDefault();
});
