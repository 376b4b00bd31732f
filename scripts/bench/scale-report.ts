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

/** Measured with a profiler and by hand. */
const WHERE_TIME_GOES = `## Where a run's time goes

Not measured by \`bench:scale\`. One-page runs 64 at once on \`dist/node\`, beside bare DBOS in alternation, on 26 November 2026 on two cores with
other work beside. Processor time per run in milliseconds, of a machine three to four times slower than the reference; the ratios count.

| | this program | bare DBOS |
| --- | ---: | ---: |
| program | 16.4 | 6.3 |
| Postgres | 16.4 | 15.8 |
| statements, of which each one waits for an answer in bare DBOS | 30 in 11 round trips | 64 |
| commits | 10 | 9 |
| WAL, kB | 49 | 6 |

Before statements were sent together there were 33 in 21 round trips, and the whole was 1.8 to 2.1 times bare DBOS instead of 1.4 to 1.8 (the median of three rounds 1.45).
A part of that is the benchmark itself, whose queries for runs that are done were counted as ours, some 1 ms of Postgres.

| of the program's time on its main thread | % |
| --- | ---: |
| derivation: Markdown, chunks, memo, and their JSON | 29 |
| the driver, and writing to its sockets | 21 |
| promises, timers, steps, and turns of the event loop | 27 |
| DBOS | 8 |
| garbage collection | 6 |
| log | 4 |
| HTTP | 3 |

| of Postgres, in one connection without flush | ms |
| --- | ---: |
| three artifacts with their bytes | 1.6 |
| seven records of steps | 0.9 |
| hashes of the stored bytes, and the end in the journal | 0.7 |
| claim, source and command | 0.5 |
| row of the source | 0.4 |
| \`begin\` and \`commit\` | 0.4 |
| effect with its receipt | 0.3 |
| DBOS's rows of the start and of the outcome | 0.4 |

These are 5 ms of the 16: two thirds are not work of statements but messages, wake-ups of a process for each, the flush of each commit, and plans and
caches of each connection. So a round trip less gives more than a faster statement.

In the gate, on the same day, \`mise run bench\` measured against bare DBOS: processor time 1.48 times, runs per second 1 to 1.45, \`POST /runs\`
2.33 times \`DBOS.startWorkflow\`, and one run at a time from its start to done 2.59 times. On a machine with more load the last two were 1.87 and
1.73. \`GET /runs/:id\` took 2.02 times a bare select behind \`node:http\`. An idle service and its Postgres took 0.9 to 1.4 % of a core together.

The asked 1.2 times bare DBOS is out of reach as long as a run makes something: its derivations alone are 4 to 5 ms, and its rows 3 ms, on 22 ms of bare DBOS, so
about 1.35 is the floor of this design by these figures. What was tried and gave nothing worth its code: skipping plain words in the pattern of figures (0.1 ms).
Not tried: the effect that is only a receipt in the transaction of its step (one commit and two round trips less); the end of a run together with its last step (one each); compressed bytes (half of the WAL).
`;

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

${WHERE_TIME_GOES}
${BESIDE_RESTATE}`;
}
