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

Not measured by \`bench:scale\`. What a one-page run sends to Postgres, counted in the source and in \`src/engine/record-order.test.ts\`:

| | a run waits for each record (until 26 November 2026) | now | bare DBOS |
| --- | ---: | ---: | ---: |
| round trips | 11 | 3 | 64 |
| statements | 30 | 33 | 64 |
| commits | 10 | 8 | 9 |

The three round trips are the start; \`prepare\` with the begin of the sleep; and the five steps after the sleep with the outcome of the run. The work of a short step is done
before its turn (\`src/flow/look-ahead.ts\`), and the records of steps are sent one behind the other without waiting (\`src/engine/record-order.ts\`). Each record is still a
transaction of its own, so a crash leaves the run after some step, as before, and a cancel is seen by the next record. A record that fails takes those behind it along, and
counts as the first attempt at its step. What does not go ahead: a step whose derivation needs a child process, an effect outside of Postgres, a mail with attachments,
and everything while the program is traced.

Measured by \`bench:load\` and \`bench:ingest\` on 27 November 2026 on two cores, against bare DBOS in alternation; the load is that of other work beside:

| | before, once, at a load of 1 to 2 | now, at loads of 5 to 20 |
| --- | ---: | ---: |
| processor time of a run, against bare DBOS | 1.66 | 1.50, 1.41, 1.32, 1.50 |
| bare workflows per second, against runs per second | 1.64 | 1.58, 1.50, 1.38, 2.20 |
| start to done, one run at a time | 2.58 | 2.16, 1.80, 1.46 |
| \`POST /runs\`, against \`DBOS.startWorkflow\` | 2.30 | 2.53, 2.28, 1.87 |

Each figure is a run of the benchmark, the first of each row at the lowest load (5). A loaded machine makes each round trip longer, which flatters a run that has few, and
spreads the runs per second, so these have to be measured again on a quiet one.
On another machine the figures before were 1.42, 1.39, 2.77 and 2.01.

The following shares are of 26 November, before the records were sent together, on \`dist/node\`, whose run took 16.4 ms of the program and 16.4 ms of Postgres on a machine
three to four times slower than the reference; bare DBOS took 6.3 and 15.8. Of Postgres two thirds were not work of statements but messages, wake-ups of a
process for each, the flush of each commit, and plans and caches of each connection.

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

\`GET /runs/:id\` took 2.02 times a bare select behind \`node:http\`. An idle service and its Postgres took 0.9 to 1.4 % of a core together; bare DBOS was not measured beside it.

Not tried: all records of the short steps in one transaction (four commits less, but a crash would then undo several steps); commits that do not wait for the disk except
the last of them; compressed bytes (half of the WAL); the record of a step in the statement that stores its artifact (two statements less for each step).
Tried and without gain: skipping plain words in the pattern of figures (0.1 ms).

\`/metrics\` and \`GET /runs?status=error\` took 300 and 250 ms with 1,000,000 runs stored, because they looked at all of them. Both read the partial indexes of DBOS now, and all
runs once in ten minutes (\`src/store/measurements.ts\`, \`src/store/given-up.ts\`); tests read their plans with 20,000 runs. They were not measured anew with 1,000,000.`;

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
