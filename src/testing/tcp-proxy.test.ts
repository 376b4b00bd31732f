import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { pollUntil } from "../poll.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** Longer than an answer takes where nothing is in its way. */
const SILENCE_MS = 200;

test("a proxy passes bytes both ways, and the end of a connection", async () => {
  await using setup = await openEcho();
  const client = await setup.connect();
  assert.equal(await client.ask("one"), "one");
  client.socket.end();
  await pollUntil("the server hears of the end", () => setup.open.size === 0);
});

test("a cut closes connections and refuses new ones until it is healed", async () => {
  await using setup = await openEcho();
  const client = await setup.connect();
  await setup.proxy.cut();
  await client.whenClosed;
  await assert.rejects(setup.connect(), { code: "ECONNREFUSED" });
  await setup.proxy.heal();
  assert.equal(await (await setup.connect()).ask("again"), "again");
});

test("a reset ends connections with an error, and new ones work", async () => {
  await using setup = await openEcho();
  const client = await setup.connect();
  await client.ask("one");
  setup.proxy.reset();
  await client.whenClosed;
  assert.equal(client.errorCode(), "ECONNRESET");
  assert.equal(await (await setup.connect()).ask("again"), "again");
});

test("a stall holds bytes back, also those of new connections, and passes them on when it is healed", async () => {
  await using setup = await openEcho();
  const clients = [await setup.connect()];
  setup.proxy.stall();
  clients.push(await setup.connect());
  const answers = clients.map((client, index) => client.ask(`held ${index}`));
  assert.equal(await Promise.race([...answers, silence()]), undefined);
  await setup.proxy.heal();
  assert.deepEqual(await Promise.all(answers), ["held 0", "held 1"]);
});

test("a dropped connection is silent to both sides, whichever of them closes it, and new ones work", async () => {
  await using setup = await openEcho();
  const [asking, closing] = [await setup.connect(), await setup.connect()];
  await Promise.all([asking.ask("one"), closing.ask("two")]);
  setup.proxy.drop();
  const answer = asking.ask("lost");
  closing.socket.destroy();
  assert.equal(await Promise.race([answer, asking.whenClosed, silence()]), undefined);
  assert.equal(setup.open.size, 2, "the server still has both connections");
  await setup.proxy.heal();
  assert.equal(await Promise.race([answer, asking.whenClosed, silence()]), undefined);
  assert.equal(await (await setup.connect()).ask("again"), "again");
});

test("answers are held back on the connections that have sent the words, and passed on when it is healed", async () => {
  await using setup = await openEcho();
  const [speaking, other] = [await setup.connect(), await setup.connect()];
  setup.proxy.holdAnswersAfter("commit");
  assert.equal(await speaking.ask("one"), "one");
  const answer = speaking.ask("begin commit");
  assert.equal(await other.ask("two"), "two");
  assert.equal(await Promise.race([answer, silence()]), undefined);
  await setup.proxy.heal();
  assert.equal(await answer, "begin commit");
});

test("a delay lets bytes arrive later and in order, until it is healed", async () => {
  await using setup = await openEcho();
  const client = await setup.connect();
  await client.ask("one");
  setup.proxy.delay(SILENCE_MS);
  const began = performance.now();
  client.socket.write("t");
  assert.equal(await client.ask("wo"), "two");
  const tookMs = performance.now() - began;
  assert.ok(tookMs >= 2 * SILENCE_MS, `there and back took ${tookMs} ms`);
  setup.proxy.delay(60_000);
  const answer = client.ask("three");
  assert.equal(await Promise.race([answer, silence()]), undefined);
  await setup.proxy.heal();
  assert.equal(await answer, "three");
});

function silence(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), SILENCE_MS));
}

type Client = Readonly<{
  socket: Socket;
  /** Sends the text, and resolves with all that has come back since the last answer when it ends in that text. */
  ask(text: string): Promise<string>;
  errorCode(): unknown;
  whenClosed: Promise<unknown>;
}>;

type Echo = Readonly<{ proxy: TcpProxy; open: ReadonlySet<Socket>; connect(): Promise<Client> }> &
  AsyncDisposable;

/** A server that sends back what it gets, with a proxy before it. */
async function openEcho(): Promise<Echo> {
  await using undo = new AsyncDisposableStack();
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.defer(() => void server.close());
  const proxy = undo.use(await openTcpProxy(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const { hostname, port } = new URL(proxy.url);
  const all = undo.move();
  return {
    proxy,
    open,
    async connect() {
      const socket = connect(Number(port), hostname);
      all.defer(() => void socket.destroy());
      await once(socket, "connect");
      return clientOf(socket);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function clientOf(socket: Socket): Client {
  let received = "";
  let error: Error | undefined;
  socket.on("data", (bytes) => {
    received += bytes.toString();
  });
  socket.on("error", (reason) => {
    error = reason;
  });
  return {
    socket,
    async ask(text) {
      socket.write(text);
      await pollUntil(`the echo of ${text}`, () => received.endsWith(text));
      const answer = received;
      received = "";
      return answer;
    },
    errorCode: () => (error as { code?: unknown } | undefined)?.code,
    whenClosed: new Promise((resolve) => socket.on("close", resolve)),
  };
}
