/**
 * The memo beside its document: a citation under the pointer marks its words in the document, `n` and `p` walk the citations, and
 * the pages of a PDF are drawn. Without this script each citation still leads to its marked words.
 */

(() => {
  const library = document.currentScript?.dataset.pdfLibrary ?? "";

  /** @param {string} selector */
  const findAll = (selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);

  /* Marks. A highlight of CSS changes nothing in the document, so that it costs no layout. */
  /** @param {Event} event */
  function markCited(event) {
    const target = event.target instanceof Element ? event.target : null;
    const cite = /** @type {HTMLElement | null} */ (target?.closest("a.cite[data-span]") ?? null);
    if (!("highlights" in CSS)) return;
    CSS.highlights.delete("hovered");
    const [from, to] = (cite?.dataset.span ?? "").split("-").map(Number);
    if (from === undefined || to === undefined) return;
    const ranges = rangesOf(from, to);
    if (ranges.length > 0) CSS.highlights.set("hovered", new Highlight(...ranges));
  }

  /**
   * The places in the shown document that hold a span of its text.
   * @param {number} from
   * @param {number} to
   */
  function rangesOf(from, to) {
    const ranges = [];
    for (const holder of findAll("#source .document [data-from]")) {
      let at = Number(holder.dataset.from);
      if (at >= to) break;
      // Texts with emphasis and links in them are in elements of their own.
      for (const part of holder.querySelectorAll(":is(span, mark):not(:has(*))")) {
        const count = part instanceof HTMLElement ? part.dataset.count : undefined;
        const text = part.firstChild;
        const length = count === undefined ? (text?.textContent?.length ?? 0) : Number(count);
        if (count === undefined && text !== null && at < to && at + length > from) {
          const range = new Range();
          range.setStart(text, Math.max(0, from - at));
          range.setEnd(text, Math.min(length, to - at));
          ranges.push(range);
        }
        at += length;
      }
    }
    return ranges;
  }

  for (const name of ["mouseover", "focusin"]) document.addEventListener(name, markCited);

  /* The citation whose words the document marks. */
  /** @param {HTMLElement} cite */
  function setCurrent(cite) {
    for (const other of findAll("a.cite[aria-current]")) other.removeAttribute("aria-current");
    cite.setAttribute("aria-current", "true");
  }

  document.addEventListener("click", ({ target }) => {
    const cite = target instanceof Element ? target.closest("a.cite") : null;
    if (cite instanceof HTMLElement) setCurrent(cite);
  });

  let isWalking = false;

  /* `n` and `p`: the next citation or the one before. */
  document.addEventListener("jejakekal:walk", (event) => {
    const cites = findAll("#artifact-view a.cite").filter((cite) => cite.checkVisibility());
    if (cites.length === 0) return;
    const current = cites.findIndex((cite) => cite.hasAttribute("aria-current"));
    const next =
      cites[
        (current + event.detail + cites.length + (current === -1 && event.detail < 0 ? 1 : 0)) % cites.length
      ];
    isWalking = true;
    next?.focus({ preventScroll: true });
    next?.click();
  });

  document.addEventListener("htmx:afterSettle", () => {
    const [current] = findAll(".reading-memo a.cite[aria-current]");
    current?.scrollIntoView({ block: "nearest" });
    if (isWalking) current?.focus({ preventScroll: true });
    isWalking = false;
    drawPages();
  });

  /* Pages of a PDF, one at a time. The library is loaded by the first page of the first PDF. */
  /** @typedef {{ page: number, bbox: [number, number, number, number] }} Box */

  /** @type {Map<string, Promise<PdfDocument>>} */
  const opened = new Map();

  /** @param {string} url */
  function open(url) {
    const known = opened.get(url);
    if (known !== undefined) return known;
    const document = import(library).then(
      ({ getDocument }) =>
        getDocument({ url, isEvalSupported: false, useWasm: false, enableXfa: false }).promise,
    );
    opened.set(url, document);
    return document;
  }

  /** @param {HTMLElement} figure */
  async function drawPage(figure) {
    const { pdf = "", page = "1", pages = "1", boxes = "[]" } = figure.dataset;
    const canvas = figure.querySelector("canvas");
    const state = figure.querySelector('[data-part="state"]');
    const number = figure.querySelector('[data-part="number"]');
    if (canvas === null || state === null || number === null) return;
    number.textContent = `Page ${page} of ${pages}`;
    try {
      const document = await open(pdf);
      const shown = await document.getPage(Number(page));
      const scale = (figure.clientWidth / shown.getViewport({ scale: 1 }).width) * devicePixelRatio;
      const viewport = shown.getViewport({ scale });
      canvas.width = Math.round(viewport.width);
      canvas.height = Math.round(viewport.height);
      canvas.setAttribute("aria-label", `Page ${page} of the document`);
      const context = canvas.getContext("2d");
      if (context === null) return;
      await shown.render({ canvasContext: context, canvas, viewport }).promise;
      drawBoxes(context, JSON.parse(boxes), Number(page), scale);
      state.textContent = "";
      figure.dataset.drawn = page;
      // The address names the words in the text below: the page with their boxes is shown instead.
      if (boxes !== "[]" && canvas.checkVisibility()) figure.scrollIntoView({ block: "start" });
    } catch {
      state.textContent = "This page cannot be drawn here. Its text is below.";
      figure.dataset.drawn = "failed";
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Box[]} boxes in hundredths of a point, from the top left
   * @param {number} page
   * @param {number} scale pixels per point
   */
  function drawBoxes(context, boxes, page, scale) {
    const unit = scale / 100;
    context.save();
    context.globalCompositeOperation = "multiply";
    context.fillStyle = "#ffe27a";
    for (const { bbox } of boxes.filter((box) => box.page === page)) {
      const [left, top, right, bottom] = bbox;
      context.fillRect(left * unit, top * unit, (right - left) * unit, (bottom - top) * unit);
    }
    context.restore();
  }

  function drawPages() {
    for (const figure of findAll("[data-pdf]:not([data-drawn])")) {
      figure.dataset.drawn = "";
      drawPage(figure);
    }
  }

  document.addEventListener("click", ({ target }) => {
    const button = target instanceof HTMLElement ? target.closest("[data-turn]") : null;
    const figure = button?.closest("[data-pdf]");
    if (!(button instanceof HTMLElement) || !(figure instanceof HTMLElement)) return;
    const wanted = Number(figure.dataset.page) + Number(button.dataset.turn);
    if (wanted < 1 || wanted > Number(figure.dataset.pages)) return;
    figure.dataset.page = String(wanted);
    drawPage(figure);
  });

  document.addEventListener("DOMContentLoaded", () => {
    drawPages();
    findAll(".reading-memo a.cite[aria-current]")[0]?.scrollIntoView({ block: "nearest" });
  });
})();
