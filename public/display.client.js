/**
 * What the reader has chosen for this browser: the theme, the zone of times, and notifications. It also shows the state of the
 * page in the icon of the tab. It runs before the page is drawn, so that no page appears in another theme first. Without this
 * script the theme is that of the system, and times are in UTC.
 */

(() => {
  const MINUTE_MS = 60_000;
  const DAY_MS = 86_400_000;

  /** @typedef {"theme" | "time" | "notify"} Choice */

  /** @param {Choice} name */
  const keyOf = (name) => `jejakekal-${name}`;

  /** @param {Choice} name */
  function readChoice(name) {
    try {
      return localStorage.getItem(keyOf(name)) ?? "";
    } catch {
      return "";
    }
  }

  /**
   * @param {Choice} name
   * @param {string} value empty for the default
   */
  function storeChoice(name, value) {
    try {
      if (value === "") localStorage.removeItem(keyOf(name));
      else localStorage.setItem(keyOf(name), value);
    } catch {
      // A browser that blocks storage keeps no choices.
    }
  }

  function showTheme() {
    document.documentElement.dataset.theme = readChoice("theme");
  }

  showTheme();

  /* Times. The page has them in UTC; those of an element are kept, so that the reader can go back to them. */
  /** @type {WeakMap<Element, { text: string | null, title: string }>} */
  const inUtc = new WeakMap();

  /** @param {Date} date */
  const offsetMs = (date) => -date.getTimezoneOffset() * MINUTE_MS;

  /** `2026-11-23 23:41:26.218` @param {Date} date */
  const instantOf = (date) =>
    new Date(date.getTime() + offsetMs(date)).toISOString().replace("T", " ").slice(0, 23);

  /** `UTC+07:00` @param {Date} date */
  function zoneOf(date) {
    const minutes = Math.abs(date.getTimezoneOffset());
    const clock = new Date(minutes * MINUTE_MS).toISOString().slice(11, 16);
    return `UTC${date.getTimezoneOffset() > 0 ? "-" : "+"}${clock}`;
  }

  /** The forms of `src/views/moment.tsx`. @type {Record<string, (date: Date) => string>} */
  const FORMS = {
    instant: instantOf,
    second: (date) => instantOf(date).slice(0, 19),
    clock: (date) => instantOf(date).slice(11),
    moment: momentOf,
  };

  /** @param {Date} date */
  function momentOf(date) {
    const now = new Date();
    const dayOf = (/** @type {Date} */ moment) => Math.floor((moment.getTime() + offsetMs(moment)) / DAY_MS);
    const days = dayOf(date) - dayOf(now);
    const [day, clock] = [instantOf(date).slice(0, 10), instantOf(date).slice(11)];
    if (days === 0) return clock.slice(0, 8);
    return `${days === 1 ? "tomorrow" : days === -1 ? "yesterday" : day} ${clock.slice(0, 5)}`;
  }

  /** @param {HTMLElement} element a `time`, or the name of the zone beside one */
  function showTime(element) {
    const isLocal = readChoice("time") === "local";
    const utc = inUtc.get(element);
    if (!isLocal) {
      if (utc === undefined) return;
      if (utc.text !== null) element.textContent = utc.text;
      element.title = utc.title;
      return;
    }
    if (utc === undefined) inUtc.set(element, { text: element.textContent, title: element.title });
    const { zone, time = "" } = element.dataset;
    const date = new Date(zone ?? element.getAttribute("datetime") ?? "");
    const form = zone === undefined ? FORMS[time] : zoneOf;
    if (form !== undefined) element.textContent = form(date);
    if (element.title.endsWith(" UTC")) element.title = `${instantOf(date)} ${zoneOf(date)}`;
  }

  /** @param {Document | Element} scope */
  function showTimes(scope) {
    for (const element of scope.querySelectorAll("time, [data-zone]"))
      showTime(/** @type {HTMLElement} */ (element));
  }

  /* What a poll adds is changed before it is drawn. */
  const arrivals = new MutationObserver((records) => {
    if (readChoice("time") !== "local") return;
    for (const { target } of records) if (target instanceof Element) showTimes(target);
  });

  /* The state of the page. */
  const findState = () => /** @type {HTMLElement | null} */ (document.querySelector("#run-status, #batch"));

  /** The run or batch that runs on this page; null for none. @type {string | null} */
  let watched = null;

  function showState() {
    const icon = /** @type {HTMLLinkElement | null} */ (document.getElementById("tab-icon"));
    const shown = findState();
    const state = shown?.dataset.state ?? "idle";
    const address = icon?.dataset[state] ?? icon?.dataset.idle;
    if (icon !== null && address !== undefined && icon.getAttribute("href") !== address) icon.href = address;
    const subject = document.getElementById("exec")?.dataset.runId ?? shown?.dataset.batch ?? null;
    // While the service does not answer, nothing is known of the run or batch.
    const isKnown = shown?.dataset.dbosStatus !== undefined || shown?.dataset.batch !== undefined;
    if (state === "running") watched = subject;
    else if (isKnown && watched !== null && watched === subject) tellEnd();
  }

  function tellEnd() {
    watched = null;
    if (readChoice("notify") === "" || document.hasFocus()) return;
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const words = document.querySelector("#run-status strong")?.textContent ?? "Ended";
    const subject = document.querySelector("#exec h3, #batch h1")?.textContent ?? document.title;
    try {
      const notification = new Notification(words, { body: subject, tag: location.pathname });
      notification.addEventListener("click", () => window.focus());
    } catch {
      // Browsers of phones give notifications to service workers alone.
    }
  }

  /* The dialog. */
  const findDialog = () => /** @type {HTMLDialogElement | null} */ (document.getElementById("display"));

  function openDialog() {
    const dialog = findDialog();
    for (const input of dialog?.querySelectorAll("input") ?? []) {
      const value = readChoice(/** @type {Choice} */ (input.name));
      input.checked = input.value === value;
    }
    dialog?.showModal();
  }

  /** @param {HTMLInputElement} input */
  async function choose(input) {
    const name = /** @type {Choice} */ (input.name);
    const isRefused = name === "notify" && input.checked && !(await mayNotify());
    document.getElementById("notify-refused")?.toggleAttribute("hidden", !isRefused);
    if (isRefused) input.checked = false;
    storeChoice(name, input.checked ? input.value : "");
    applyChoices();
  }

  /* Browsers have no notifications for pages over plain HTTP from another machine. */
  async function mayNotify() {
    return "Notification" in window && (await Notification.requestPermission()) === "granted";
  }

  function applyChoices() {
    showTheme();
    showTimes(document);
  }

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.target.closest('[data-opens="display"]') === null) return;
    event.preventDefault();
    openDialog();
  });

  document.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && findDialog()?.contains(target)) choose(target);
  });

  // Another tab changed a choice.
  addEventListener("storage", applyChoices);

  document.addEventListener("jejakekal:shown", showState);

  document.addEventListener("DOMContentLoaded", () => {
    showTimes(document);
    showState();
    arrivals.observe(document.body, { subtree: true, childList: true });
  });
})();
