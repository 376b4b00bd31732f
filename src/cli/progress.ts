const REDRAW_MS = 200;
const BAR_WIDTH = 30;

export type Progress = Readonly<{ advance(): void; end(): void }>;

/** A bar with a rate on stderr, for a person who watches: nothing where stderr is no terminal, or for one item. */
export function createProgress(total: number, what: string): Progress {
  const { stderr } = process;
  if (!stderr.isTTY || total <= 1) return { advance: () => undefined, end: () => undefined };
  const began = performance.now();
  let [done, drawnAt] = [0, 0];
  const draw = () => {
    const seconds = (performance.now() - began) / 1_000;
    const filled = Math.round((done / total) * BAR_WIDTH);
    const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
    stderr.write(`\r${bar} ${done}/${total} ${what}, ${(done / seconds).toFixed(1)}/s `);
  };
  return {
    advance() {
      done += 1;
      if (performance.now() - drawnAt < REDRAW_MS && done < total) return;
      drawnAt = performance.now();
      draw();
    },
    end: () => void stderr.write("\n"),
  };
}
