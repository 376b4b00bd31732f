import assert from "node:assert/strict";
import { connect, createServer, type Server } from "node:net";
import { describe, test } from "node:test";
import { findFreePort } from "../free-port.ts";
import { pollUntil } from "../poll.ts";
import { startChild } from "../testing/child.ts";
import { cloneDatabase } from "../testing/database.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram, startProgram } from "../testing/program.ts";
import { programCommand, runnerUnderTest } from "../testing/runner.ts";

const slow = { timeout: 120_000 };

describe("a service", () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
    test(`stops in order on ${signal}`, slow, async () => {
      await using database = await cloneDatabase();
      await using program = await startProgram({ database });
      process.kill(program.pid, signal);
      assert.equal(await program.exited, 0);
      await program.logged("it has stopped", ({ msg }) => msg === "stopped");
    });
  }

  test("refuses a port that two of its parts would have, before anything is opened", slow, async () => {
    const port = String(await findFreePort());
    const embedded = { DBOS_SYSTEM_DATABASE_URL: "" };
    for (const [command, env, names] of [
      ["api", { ...embedded, API_PORT: port, PGPORT: port }, /API_PORT and JEJAKEKAL_PGPORT/],
      [
        "serve",
        { ...embedded, API_PORT: "0", UI_PORT: port, JEJAKEKAL_PGPORT: port },
        /UI_PORT and JEJAKEKAL_PGPORT/,
      ],
      ["serve", { API_PORT: port, UI_PORT: port }, /API_PORT and UI_PORT/],
      ["serve", { API_PORT: port, UI_PORT: port, UI_EMBED_API: "0" }, /API_PORT and UI_PORT/],
    ] as const) {
      const { code, stderr } = await runProgram([command], {
        database: { url: "postgres://u@127.0.0.1:1/x" },
        env,
      });
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`^jejakekal: ${names.source} are both ${port}: set one of them to another port\\.$`),
      );
    }
  });

  test("waits for a database that is not up yet, and says so once a second", slow, async () => {
    await using database = await cloneDatabase();
    const port = await findFreePort();
    const url = new URL(database.url);
    const upstreamPort = Number(url.port);
    url.port = String(port);
    using folder = temporaryFolder();
    await using child = startChild([...programCommand(runnerUnderTest()), "api"], {
      API_PORT: "0",
      DBOS_SYSTEM_DATABASE_URL: url.href,
      JEJAKEKAL_HOME: folder.path,
    });
    const waits = () =>
      child.stdout.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "waiting for the database");
    await pollUntil("it has said three times that it waits", () => waits().length >= 3, {
      timeoutMs: 60_000,
    });
    const [first, , third] = waits();
    const elapsedMs = Date.parse(third.time) - Date.parse(first.time);
    assert.ok(elapsedMs >= 1_900, `${elapsedMs} ms`);
    const proxy = await forward(port, upstreamPort);
    await child.lineOf("it listens", (line) => (JSON.parse(line).msg === "listening" ? true : undefined));
    child.signal("SIGTERM");
    assert.equal(await child.exited, 0);
    proxy.close();
  });

  test("that waits for its database stops on a signal", slow, async () => {
    using folder = temporaryFolder();
    await using child = startChild([...programCommand(runnerUnderTest()), "api"], {
      API_PORT: "0",
      DBOS_SYSTEM_DATABASE_URL: `postgres://u@127.0.0.1:${await findFreePort()}/x`,
      JEJAKEKAL_HOME: folder.path,
    });
    await child.lineOf("it waits", (line) => (/waiting for the database/.test(line) ? true : undefined));
    child.signal("SIGTERM");
    assert.equal(await child.exited, 0);
  });
});

async function forward(port: number, upstreamPort: number): Promise<Server> {
  const server = createServer((socket) => {
    const upstream = connect(upstreamPort, "127.0.0.1");
    socket.pipe(upstream).pipe(socket);
    for (const end of [socket, upstream]) end.on("error", () => end.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}
