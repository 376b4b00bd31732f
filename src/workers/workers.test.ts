import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { connectionsOf } from "../app.ts";
import { completeRun, readRun, waitForEnd } from "../client.ts";
import { pollUntil } from "../poll.ts";
import { cloneDatabase, type TestDatabase } from "../testing/database.ts";
import { runProgram, startProgram, type TestProgram } from "../testing/program.ts";
import { endSleep, startAsleep } from "../testing/sleeping-run.ts";

const slow = { timeout: 150_000 };

describe("a program of two workers", () => {
  test(
    "answers at one port with both, replaces a killed one, and leaves its runs to the next when the supervisor is killed",
    slow,
    async () => {
      await using database = await cloneDatabase();
      await using program = await startWorkers(database);
      assert.deepEqual(await seeNodes(program, 2), ["pair", "pair.2"]);

      await completeRun(program.url, { source: "# One" });
      await completeRun(program.url, { source: "# Two" });
      for (let scrape = 0; scrape < 4; scrape += 1) {
        const metrics = await (await fetchAnew(`${program.url}/metrics`)).text();
        assert.match(metrics, /^jejakekal_starts_total\{result="new"\} 2$/m, "a scrape sums up all workers");
        // Up to 5 s old.
        assert.match(
          metrics,
          /^jejakekal_runs\{status="SUCCESS"\} [12]$/m,
          "what they share is not summed up",
        );
      }

      const guesses = [];
      for (let guess = 0; guess < 16; guess += 1) {
        const headers = { authorization: `Bearer jjk_guess${guess}`, connection: "close" };
        guesses.push((await fetch(`${program.url}/runs`, { headers, keepalive: false })).status);
      }
      assert.equal(guesses[0], 401);
      assert.ok(guesses.includes(429), `both count guesses: ${guesses}`);

      const runId = await startAsleep(program.url, { source: "# Orphan" });
      const { header } = await readRun(program.url, runId);
      const killed = pidOfNode(program, header.executor_id ?? "");
      process.kill(killed, "SIGKILL");
      await endSleep(database, runId);
      await program.logged("it has ended", ({ msg, pid }) => msg === "worker ended" && pid === killed);
      await pollUntil("another takes its place", () => workerPids(program).length === 3, {
        timeoutMs: 60_000,
      });
      assert.equal((await waitForEnd(program.url, runId)).header.recovery_attempts, 2);
      // The name of the killed one may be locked for a moment longer, by the worker that requeues its runs.
      const nodes = await seeNodes(program, 2);
      assert.ok(
        nodes.every((node) => ["pair", "pair.2", "pair.3"].includes(node)),
        `a free name is taken: ${nodes}`,
      );

      const left = await startAsleep(program.url, { source: "# Left" });
      await program.kill9();
      await endSleep(database, left);
      await pollUntil("no worker is left", () => workerPids(program).every(hasEnded));
      await using next = await startWorkers(database, { API_PORT: new URL(program.url).port });
      assert.equal((await waitForEnd(next.url, left)).status, "done");
      assert.equal(await next.stop(), 0);
      assert.ok(workerPids(next).every(hasEnded), "no worker is left");
    },
  );

  test("does not start at a port that another program has", slow, async () => {
    await using database = await cloneDatabase();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { code, stderr } = await runProgram(["api"], {
      database,
      env: { JEJAKEKAL_WORKERS: "2", API_PORT: String(port) },
    });
    other.close();
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^jejakekal: API_PORT: port ${port} on 127.0.0.1 is taken: [^\n]+$`));
  });

  test("tells why no worker can start, once", slow, async () => {
    await using database = await cloneDatabase();
    const { code, stderr } = await runProgram(["api"], {
      database,
      env: { JEJAKEKAL_WORKERS: "2", API_PORT: "0", JEJAKEKAL_SIGNING_KEY: "/nowhere/key" },
    });
    assert.equal(code, 1);
    assert.match(stderr, /^jejakekal: [^\n]*JEJAKEKAL_SIGNING_KEY[^\n]*$/);
  });
});

test("the workers of a program share the connections that Postgres allows by default", () => {
  assert.deepEqual(connectionsOf(1), { store: 10, engine: 20 });
  for (const workers of [2, 4, 8]) {
    const { store, engine } = connectionsOf(workers);
    assert.ok(workers * (store + engine) <= 64, `${workers} workers`);
    assert.ok(store >= 2 && engine >= 4, `${workers} workers`);
  }
});

function startWorkers(database: TestDatabase, env = {}): Promise<TestProgram> {
  return startProgram({ database, env: { JEJAKEKAL_WORKERS: "2", JEJAKEKAL_NODE: "pair", ...env } });
}

function pidOfNode(program: TestProgram, name: string): number {
  const logs = program.logs();
  const worker = logs.find(({ msg, node }) => msg === "kernel ready" && node === name)?.worker;
  const pid = logs.find((line) => line.msg === "worker ready" && line.worker === worker)?.pid;
  assert.ok(typeof pid === "number", `the worker of node ${name}`);
  return pid;
}

/** The processes of all workers that have been ready so far. */
function workerPids(program: TestProgram): readonly number[] {
  return program.logs().flatMap(({ msg, pid }) => (msg === "worker ready" ? [Number(pid)] : []));
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Asks for the health over one connection after the other, until `count` nodes have answered that they are so many. */
async function seeNodes({ url }: TestProgram, count: number): Promise<readonly string[]> {
  const nodes = new Set<string>();
  await pollUntil(
    `${count} nodes answer`,
    async () => {
      const health = (await (await fetchAnew(`${url}/healthz`)).json()) as {
        node: string;
        workers: { configured: number; ready: number };
      };
      if (health.workers.configured === count && health.workers.ready === count) nodes.add(health.node);
      return nodes.size === count;
    },
    { timeoutMs: 60_000 },
  );
  return [...nodes].sort();
}

/** Over a connection of its own: the connection decides which worker answers. */
function fetchAnew(url: string): Promise<Response> {
  return fetch(url, { headers: { connection: "close" }, keepalive: false });
}
