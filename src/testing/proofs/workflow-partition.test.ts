import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { completeRun } from "../../client.ts";
import { pollUntil } from "../../poll.ts";
import { cloneDatabase, type TestDatabase } from "../database.ts";
import { testEnvironment } from "../environment.ts";
import { objectOf, postJson, request } from "../http.ts";
import { measureSlowness } from "../machine-speed.ts";
import { startProgram, type TestProgram } from "../program.ts";
import { createSeededRandom, type SeededRandom } from "../seeded-random.ts";
import { openTcpProxy, type TcpProxy } from "../tcp-proxy.ts";

const patient = { timeout: 300_000 } as const;

/** Within this time of the network's return every accepted run is done and every node is well. */
const RECOVERY_MS = 30_000;

const RUNS_BEFORE = 16;
const RUNS_MEANWHILE = 4;
const MAX_RUN_SLEEP_MS = 2_000;
const MAX_FAULT_DELAY_MS = 800;

type Fault = Readonly<{ name: string; begin(proxy: TcpProxy): void; lastsMs: number }>;

const FAULTS: readonly Fault[] = [
  { name: "silently dropped connections", begin: (proxy) => proxy.drop(), lastsMs: 0 },
  { name: "a black hole", begin: (proxy) => proxy.stall(), lastsMs: 5_000 },
  { name: "reset connections", begin: (proxy) => proxy.reset(), lastsMs: 0 },
  { name: "a delay of 2 s each way", begin: (proxy) => proxy.delay(2_000), lastsMs: 6_000 },
];

describe("between the nodes and their Postgres", () => {
  for (const nodes of [1, 3]) {
    test(
      `faults of the network lose no run that ${nodes === 1 ? "one node" : `${nodes} nodes`} accepted, and end no node`,
      patient,
      async () => {
        await using database = await cloneDatabase();
        await using undo = new AsyncDisposableStack();
        const members = await Promise.all(
          Array.from({ length: nodes }, (_, index) => startMember(database, `node-${index}`, undo)),
        );
        const random = createSeededRandom(testEnvironment.chaosSeed + nodes);
        for (const fault of FAULTS) {
          await bearFault(fault, members, database, random);
        }
        for (const { program } of members) await completeRun(program.url);
      },
    );
  }
});

/** A node, and the proxy on its way to the database. */
type Member = Readonly<{ program: TestProgram; proxy: TcpProxy; hasExited(): boolean }>;

async function startMember(
  database: TestDatabase,
  name: string,
  undo: AsyncDisposableStack,
): Promise<Member> {
  const proxy = undo.use(await openTcpProxy(database.url));
  const program = undo.use(
    await startProgram({ database: { url: proxy.url }, env: { JEJAKEKAL_NODE: name } }),
  );
  let exited = false;
  program.exited.then(() => {
    exited = true;
  });
  return { program, proxy, hasExited: () => exited };
}

/** Starts runs, lets the fault come over some of the nodes, and checks that all is well soon after its end. */
async function bearFault(
  { name, begin, lastsMs }: Fault,
  members: readonly Member[],
  database: TestDatabase,
  random: SeededRandom,
): Promise<void> {
  const accepted = new Set<string>();
  const start = async () => {
    const body = { source: `# Under ${name}`, sleepMs: 1 + random.below(MAX_RUN_SLEEP_MS) };
    const reply = await postJson(`${pick(random, members).program.url}/runs`, body);
    if (reply.status === 202) accepted.add(String(objectOf(reply).run_id));
  };
  const startMany = (count: number) => Promise.all(Array.from({ length: count }, start));
  await startMany(RUNS_BEFORE);
  assert.equal(accepted.size, RUNS_BEFORE);
  const certain = pick(random, members);
  const affected = members.filter((member) => member === certain || random.below(2) === 0);
  await Promise.all(
    affected.map(async ({ proxy }) => {
      await sleep(random.below(MAX_FAULT_DELAY_MS));
      begin(proxy);
    }),
  );
  const meanwhile = startMany(RUNS_MEANWHILE);
  await sleep(lastsMs);
  await Promise.all(affected.map(({ proxy }) => proxy.heal()));
  const deadline = performance.now() + RECOVERY_MS * measureSlowness();
  const timeLeft = () => ({ timeoutMs: deadline - performance.now(), intervalMs: 50 });
  await meanwhile;
  await pollUntil(
    `after ${name} all runs are done`,
    async () => (await countDone(database, accepted)) === accepted.size,
    timeLeft(),
  );
  for (const { program } of members) {
    const isWell = async () => (await request(`${program.url}/healthz`)).status === 200;
    await pollUntil(`after ${name} ${program.url} is well`, isWell, timeLeft());
  }
  for (const runId of accepted) await assertJournal(pick(random, members).program, runId);
  assert.ok(!members.some((member) => member.hasExited()), `${name} ended a node`);
}

async function countDone(database: TestDatabase, runIds: ReadonlySet<string>): Promise<number> {
  const [row] = await database.query<{ done: number }>(
    "select count(*)::int as done from dbos.workflow_status where status = 'SUCCESS' and workflow_uuid = any($1)",
    [[...runIds]],
  );
  return row?.done ?? 0;
}

function pick<Value>(random: SeededRandom, values: readonly Value[]): Value {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new RangeError("there is nothing to pick from");
  return value;
}

/**
 * The chain of hashes holds, and the run ends once. Only a recovery may follow: of a run whose node was cut off after the last step,
 * which records the end, and before DBOS's status.
 */
async function assertJournal({ url }: TestProgram, runId: string): Promise<void> {
  const { chain, events } = JSON.parse((await request(`${url}/runs/${runId}/events`)).text) as {
    chain: { sound: boolean };
    events: readonly { kind: string }[];
  };
  const kinds = events.map(({ kind }) => kind);
  assert.ok(chain.sound, runId);
  const last = kinds.findLast((kind) => kind !== "recovered");
  assert.equal(last, "finished", `${runId}: ${kinds.join(", ")}`);
  assert.equal(kinds.filter((kind) => kind === "finished").length, 1, `${runId}: ${kinds.join(", ")}`);
}
