/**
 * The list of runs: named views, which this browser keeps, and a change of many runs in parts, with the number of those that
 * are left. Without this script a view is an address to bookmark, and a change is one request.
 */

(() => {
  const VIEWS = "jejakekal-views";

  /** @typedef {{ name: string, query: string }} View */

  /* Views. */
  /** @returns {View[]} */
  function readViews() {
    try {
      const views = JSON.parse(localStorage.getItem(VIEWS) ?? "[]");
      return Array.isArray(views) ? views.filter(({ name, query }) => name && typeof query === "string") : [];
    } catch {
      return [];
    }
  }

  /** @param {View[]} views */
  function storeViews(views) {
    try {
      localStorage.setItem(VIEWS, JSON.stringify(views));
    } catch {
      // A browser that blocks storage keeps no views.
    }
    showViews();
  }

  /* The filters of the list, without the place to which it was paged. Empty fields are left out and the others sorted, so that
     the same filters are the same text, whether a form or a link sent them. */
  function currentQuery() {
    const all = [...new URLSearchParams(location.search)];
    const query = new URLSearchParams(all.filter(([name, value]) => name !== "before" && value !== ""));
    query.sort();
    return query.toString();
  }

  function showViews() {
    const list = document.getElementById("views-list");
    const item = /** @type {HTMLTemplateElement | null} */ (document.getElementById("view-item"));
    list?.replaceChildren(...readViews().map((view) => viewItem(view, item)));
  }

  /**
   * @param {View} view
   * @param {HTMLTemplateElement | null} template
   */
  function viewItem({ name, query }, template) {
    const item = /** @type {DocumentFragment} */ (template?.content.cloneNode(true));
    const [link, button] = [item.querySelector("a"), item.querySelector("button")];
    if (link !== null) {
      link.textContent = name;
      link.href = query === "" ? "/runs" : `/runs?${query}`;
      if (query === currentQuery()) link.setAttribute("aria-current", "page");
    }
    button?.setAttribute("aria-label", `Remove the view ${name}`);
    button?.addEventListener("click", () => {
      storeViews(readViews().filter((other) => other.name !== name));
      document.getElementById("view-name")?.focus();
    });
    return item;
  }

  document.getElementById("view-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (document.getElementById("view-name"));
    const name = field.value.trim();
    if (name === "") return;
    const others = readViews().filter((other) => other.name !== name);
    storeViews([...others, { name, query: currentQuery() }]);
    field.value = "";
  });

  showViews();

  /* A change of many runs. */
  const PART = 10;

  const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form.bulk-confirm"));

  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    changeInParts(form, new FormData(form, event.submitter));
  });

  /**
   * @param {HTMLFormElement} form
   * @param {FormData} data
   */
  async function changeInParts(form, data) {
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button.primary"));
    // Its property of that name is the button `action`.
    const address = form.getAttribute("action") ?? "";
    let left = data.getAll("run");
    // The result of an earlier part of the same change, which then stopped.
    let result = document.getElementById("bulk-result");
    button.disabled = true;
    addEventListener("beforeunload", keepPage);
    while (left.length > 0) {
      say(`${left.length} left`);
      const answer = await changePart(address, data, left.slice(0, PART));
      if (answer === null) break;
      left = left.slice(PART);
      result = result === null ? answer : joined(result, answer);
    }
    removeEventListener("beforeunload", keepPage);
    button.disabled = false;
    if (result !== null) showResult(form, result);
    if (left.length === 0) hideForm(form);
    else keepLeft(form, left);
  }

  /** @param {string} text */
  function say(text) {
    const progress = document.getElementById("bulk-progress");
    if (progress !== null) progress.textContent = text;
  }

  /** @param {Event} event */
  const keepPage = (event) => event.preventDefault();

  /**
   * The result of one part; null when there was no answer.
   * @param {string} address
   * @param {FormData} data
   * @param {FormDataEntryValue[]} runIds
   */
  async function changePart(address, data, runIds) {
    const part = new URLSearchParams();
    for (const [name, value] of data) if (name !== "run") part.append(name, String(value));
    for (const runId of runIds) part.append("run", String(runId));
    try {
      const response = await fetch(address, { method: "POST", body: part, headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return page.getElementById("bulk-result");
    } catch {
      return null;
    }
  }

  /**
   * One result of two: counts are added and lists put together.
   * @param {HTMLElement} all
   * @param {HTMLElement} part
   */
  function joined(all, part) {
    for (const count of part.querySelectorAll("[data-count]")) {
      const sum = all.querySelector(`[data-count="${count.getAttribute("data-count")}"]`);
      if (sum !== null) sum.textContent = String(Number(sum.textContent) + Number(count.textContent));
    }
    all.querySelector("ul")?.append(...(part.querySelector("ul")?.children ?? []));
    return all;
  }

  /**
   * The focus moves to the heading of the result, because the button that had it can be hidden.
   * @param {HTMLFormElement} form
   * @param {HTMLElement} result
   */
  function showResult(form, result) {
    form.after(result);
    const heading = result.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }

  /** @param {HTMLFormElement} form */
  function hideForm(form) {
    form.hidden = true;
    document.getElementById("bulk-title")?.toggleAttribute("hidden", true);
    say("");
  }

  /**
   * The form keeps the runs that are left, to be sent again.
   * @param {HTMLFormElement} form
   * @param {FormDataEntryValue[]} left
   */
  function keepLeft(form, left) {
    const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('input[name="run"]'));
    for (const input of inputs) if (!left.includes(input.value)) input.remove();
    say(
      `The change stopped: the service gave no result. Runs without a result: ${left.length}. You can send them again.`,
    );
  }
})();
