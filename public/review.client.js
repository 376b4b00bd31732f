/* Keys of the review queue: each works on the passage in which the focus is, at first on the first one. */

(() => {
  const queue = document.getElementById("review-queue");

  /** @param {number} step */
  function move(step) {
    const items = [...(queue?.children ?? [])];
    const current = items.findIndex((item) => item.contains(document.activeElement));
    const next = items[Math.min(items.length - 1, Math.max(0, current + step))];
    if (next instanceof HTMLElement) next.focus();
  }

  /**
   * Presses the button of this key, or goes to its field.
   * @param {string} key
   */
  function act(key) {
    const current = document.activeElement?.closest(".review-item") ?? queue?.firstElementChild;
    const control = current?.querySelector(`[data-key="${key}"]`);
    if (control instanceof HTMLButtonElement) control.click();
    else if (control instanceof HTMLElement) control.focus();
  }

  /* A browser that blocks storage has the keys. */
  function areKeysOn() {
    try {
      return localStorage.getItem("jejakekal-keys-off") === null;
    } catch {
      return true;
    }
  }

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    const isTyping = target instanceof HTMLElement && target.matches("input, textarea, select");
    if (queue === null || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    // Users of speech input can turn single keys off.
    if (!areKeysOn()) return;
    if (key === "n" || key === "p") move(key === "n" ? 1 : -1);
    else if (["a", "c", "s"].includes(key)) act(key);
    else return;
    event.preventDefault();
  });
})();
