import { availableParallelism } from "node:os";
import { machine, round, type Summary } from "./support.ts";

export type Throughput = Readonly<{
  concurrent: number;
  runsPerSecond: number;
  bareRunsPerSecond: number;
  post: Summary;
}>;

export type Reads = Readonly<{ stored: number; byName: Readonly<Record<string, Summary>> }>;

type Measurements = Readonly<{
  throughputs: readonly Throughput[];
  reads: readonly Reads[];
  /** The load average before anything was measured. */
  load: string;
  readsEach: number;
  runsPerLevel: number;
}>;

/** Not measured by `bench:scale`: it installs Restate. */
const BESIDE_RESTATE = `## Beside Restate

\`mise run bench:restate\` installs Restate (server 1.7.12, SDK 1.17.2) from npm into a temporary folder and runs as many steps, which do
nothing, 64 at once on one node. It is no dependency; the licence of its server is the Business Source License. Seen on 26 November 2026 on
two cores of an AMD EPYC with other work beside, one measurement each, within ten minutes and not in alternation. The machine was 3.9 times
slower than the reference for the first row and 5.9 times for the others, which flatters the first: the figures give the order, no ratio:

| program | processor time per run, ms | runs / s |
| --- | ---: | ---: |
| Restate, service and server | 8 | 119 |
| bare DBOS, program and Postgres | 23 | 39 |
| this program and Postgres, one-page documents | 38 | 23 |
`;

/** docs/scale.md, from what was measured. */
export function describeScale({ throughputs, reads, load, readsEach, runsPerLevel }: Measurements): string {
  const one = throughputs[0]?.runsPerSecond ?? Number.NaN;
  const starts = throughputs.map(
    ({ concurrent, runsPerSecond, bareRunsPerSecond, post }) =>
      `| ${concurrent} | ${runsPerSecond} | ${round(runsPerSecond / one)} × | ${bareRunsPerSecond} | ${post.p50} | ${post.p95} | ${post.p99} |`,
  );
  const names = Object.keys(reads[0]?.byName ?? {});
  const figure = (name: string, { byName }: Reads) => `${byName[name]?.p50} / ${byName[name]?.p95}`;
  const rows = names.map((name) => {
    const growth =
      (reads.at(-1)?.byName[name]?.p50 ?? Number.NaN) / (reads[0]?.byName[name]?.p50 ?? Number.NaN);
    return `| ${name} | ${reads.map((entry) => figure(name, entry)).join(" | ")} | ${round(growth)} × |`;
  });
  return `# Scale

Written by \`mise run bench:scale\` on ${machine()}.
Its load was ${load} over ${availableParallelism()} cores before anything was measured: where that is not near 0, read the ratios and the
shape before the milliseconds. Service, Postgres and clients share the machine; fsync is on.

![Throughput by concurrent starts, and read latency by runs stored](scale.svg)

## Starts

${runsPerLevel} one-page documents at each level, each posted when the one before it is done; runs per second from the first
\`POST /runs\` to the last end. Beside them bare DBOS workflows per second, with as many steps that do nothing. The last three
columns are the milliseconds of \`POST /runs\` itself.

| concurrent | runs / s | against one | bare / s | POST p50 | p95 | p99 |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${starts.join("\n")}

## Reads

${readsEach} of each, over HTTP, one after the other, at runs drawn from all that are stored: p50 / p95 in milliseconds. The last
column is the p50 with the most runs stored, against the p50 with the fewest. The runs are copies of one, made by SQL.

| read | ${reads.map(({ stored }) => `${stored.toLocaleString("en")} runs`).join(" | ")} | growth |
| --- | ${reads.map(() => "---:").join(" | ")} | ---: |
${rows.join("\n")}

${BESIDE_RESTATE}`;
}
