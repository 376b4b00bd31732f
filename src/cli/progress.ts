const REDRAW_MS = 200;
const BAR_WIDTH = 30;

export type Progress = Readonly<{ advance(): void; end(): void }>;

/**
 * A bar with a rate on stderr, for a person who watches: nothing where stderr is no terminal, or for one item.
 * @param total how many items there are; null when that is not known, which leaves out the bar
 */
export function createProgress(total: number | null, what: string): Progress {
  const { stderr } = process;
  if (!stderr.isTTY || total === 1) return { advance: () => undefined, end: () => undefined };
  const began = performance.now();
  let [done, drawnAt] = [0, 0];
  const draw = () => {
    const rate = (done / ((performance.now() - began) / 1_000)).toFixed(1);
    const filled = total === null ? 0 : Math.round((done / total) * BAR_WIDTH);
    const bar = total === null ? "" : `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} `;
    stderr.write(`\r${bar}${done}${total === null ? "" : `/${total}`} ${what}, ${rate}/s `);
  };
  return {
    advance() {
      done += 1;
      if (performance.now() - drawnAt < REDRAW_MS && done !== total) return;
      drawnAt = performance.now();
      draw();
    },
    end() {
      draw();
      stderr.write("\n");
    },
  };
}
