import type { Reads, Throughput } from "./scale-report.ts";

const WIDTH = 900;
const HEIGHT = 320;
const TOP = 56;
const BOTTOM = 262;

/** Colours that differ on light and dark backgrounds and for red-green colour blindness. Each line also has a label. */
const STYLE = `
  svg { font: 13px system-ui, sans-serif; --ink: #1f2328; --quiet: #59636e; --rule: #d1d9e0; --paper: #ffffff;
        --a: #0969da; --b: #953800; --c: #6639ba; --d: #116329; --e: #9a6700; --f: #59636e; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --quiet: #9198a1; --rule: #3d444d; --paper: #0d1117;
          --a: #58a6ff; --b: #f0883e; --c: #bc8cff; --d: #3fb950; --e: #d29922; --f: #9198a1; }
  }
  text { fill: var(--ink); } .quiet { fill: var(--quiet); } .title { font-weight: 600; font-size: 14px; }
  .rule { stroke: var(--rule); } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .line { fill: none; stroke-width: 2; }`;

/** Two charts side by side: throughput as bars, latency as lines. */
export function drawScale(throughputs: readonly Throughput[], reads: readonly Reads[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Throughput by concurrent starts, and read latency by runs stored">
<style>${STYLE}
</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="var(--paper)"/>
${drawThroughput(throughputs)}
${drawReads(reads)}
</svg>
`;
}

function drawThroughput(throughputs: readonly Throughput[]): string {
  const top = niceTop(Math.max(...throughputs.map(({ runsPerSecond }) => runsPerSecond)));
  const y = scaleTo(top);
  const bars = throughputs.map(({ concurrent, runsPerSecond }, index) => {
    const x = 70 + index * 84;
    return `<rect x="${x}" y="${y(runsPerSecond)}" width="52" height="${BOTTOM - y(runsPerSecond)}" rx="3" fill="var(--a)"/>
<text x="${x + 26}" y="${y(runsPerSecond) - 6}" class="middle">${runsPerSecond.toFixed(0)}</text>
<text x="${x + 26}" y="${BOTTOM + 20}" class="middle quiet">${concurrent}</text>`;
  });
  return `<text x="48" y="24" class="title">Runs per second</text>
${drawRules(48, 318, top, y)}
${bars.join("\n")}
<text x="183" y="${BOTTOM + 42}" class="middle quiet">concurrent starts</text>`;
}

const COLOURS = ["a", "b", "c", "d", "e", "f"];

function drawReads(reads: readonly Reads[]): string {
  const names = Object.keys(reads[0]?.byName ?? {});
  const p50 = (name: string, entry: Reads) => entry.byName[name]?.p50 ?? 0;
  const top = niceTop(Math.max(...names.flatMap((name) => reads.map((entry) => p50(name, entry)))));
  const y = scaleTo(top);
  const x = (index: number) => 420 + index * 95;
  const last = reads.length - 1;
  const ends = names.map((name) => {
    const entry = reads[last];
    return { name, at: y(entry === undefined ? 0 : p50(name, entry)) };
  });
  const lines = names.map((name, series) => {
    const points = reads.map((entry, index) => `${x(index)},${y(p50(name, entry))}`);
    const colour = `var(--${COLOURS[series]})`;
    const dots = points.map((point) => {
      const [cx, cy] = point.split(",");
      return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`;
    });
    return `<polyline points="${points.join(" ")}" class="line" stroke="${colour}"/>${dots.join("")}`;
  });
  const labels = spread(ends).map(({ name, at }) => {
    const colour = COLOURS[names.indexOf(name)];
    return `<text x="${x(last) + 12}" y="${(at + 4).toFixed(1)}" style="fill: var(--${colour})">${escapeXml(name)}</text>`;
  });
  const ticks = reads.map(
    ({ stored }, index) =>
      `<text x="${x(index)}" y="${BOTTOM + 20}" class="middle quiet">${stored.toLocaleString("en")}</text>`,
  );
  return `<text x="398" y="24" class="title">Read latency, p50 in ms</text>
${drawRules(398, x(last) + 4, top, y)}
${[...lines, ...labels, ...ticks].join("\n")}
<text x="${x(last / 2)}" y="${BOTTOM + 42}" class="middle quiet">runs stored</text>`;
}

function drawRules(left: number, right: number, top: number, y: (value: number) => number): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((share) => {
      const value = top * share;
      return `<line x1="${left}" x2="${right}" y1="${y(value)}" y2="${y(value)}" class="rule"/>
<text x="${left - 8}" y="${y(value) + 4}" class="end quiet">${Number(value.toFixed(2))}</text>`;
    })
    .join("\n");
}

/** Moves labels apart by at least the height of a line and keeps the order of their lines. */
function spread(labels: readonly Readonly<{ name: string; at: number }>[]) {
  const sorted = labels.toSorted((a, b) => b.at - a.at);
  let floor = Number.POSITIVE_INFINITY;
  return sorted.map(({ name, at }) => {
    floor = Math.min(at, floor - 16);
    return { name, at: floor };
  });
}

function scaleTo(top: number): (value: number) => number {
  return (value) => Number((BOTTOM - (value / top) * (BOTTOM - TOP)).toFixed(1));
}

/** Rounds up to 1, 2, 4 or 8 times a power of ten, so that a quarter of it is a short number. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
