import { connect, createServer, type Socket } from "node:net";

/** A proxy before a server that fails in the ways in which networks and restarts fail. */
export type TcpProxy = Readonly<{
  /** The given URL, by way of this proxy. */
  url: string;
  /** Closes every connection and refuses new ones, until healed. */
  cut(): Promise<void>;
  /** Resets every connection. New ones work. */
  reset(): void;
  /** Drops every connection silently: bytes go nowhere, and neither side hears that the other closes. New ones work. */
  drop(): void;
  /** Accepts connections and lets nothing pass, until healed: a server that hangs, or a network that loses packets. */
  stall(): void;
  /** Holds back what the server answers on each connection over which a client sends these words, from then on, until healed. */
  holdAnswersAfter(words: string): void;
  /** Lets all bytes arrive this much later, until healed. */
  delay(ms: number): void;
  /** Accepts connections and passes bytes on, first those that were held back. */
  heal(): Promise<void>;
}> &
  AsyncDisposable;

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const links = new Set<Link>();
  const network: Network = { isStalled: false, delayMs: 0, lastWords: null };
  const server = createServer((near) => {
    const link = openLink(near, connect(Number(port), hostname), network);
    links.add(link);
    link.whenClosed.then(() => links.delete(link));
  });
  const listen = (on: number) => new Promise<void>((resolve) => server.listen(on, "127.0.0.1", resolve));
  const cut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const link of links) link.close();
    await closed;
  };
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const url = new URL(target);
  url.port = String(address.port);
  return {
    url: url.href,
    cut,
    reset() {
      for (const link of links) link.reset();
    },
    drop() {
      for (const link of links) link.drop();
    },
    stall() {
      network.isStalled = true;
    },
    holdAnswersAfter(words) {
      network.lastWords = words;
    },
    delay(ms) {
      network.delayMs = ms;
    },
    async heal() {
      Object.assign(network, { isStalled: false, delayMs: 0, lastWords: null } satisfies Network);
      for (const link of links) link.flush();
      if (!server.listening) await listen(address.port);
    },
    [Symbol.asyncDispose]: cut,
  };
}

type Network = { isStalled: boolean; delayMs: number; lastWords: string | null };

/** The two connections of a client: its own to the proxy, and the proxy's to the server. */
type Link = Readonly<{
  flush(): void;
  drop(): void;
  reset(): void;
  close(): void;
  whenClosed: Promise<unknown>;
}>;

function openLink(near: Socket, far: Socket, network: Network): Link {
  let isDropped = false;
  let hasSpoken = false;
  near.on("data", (bytes: Buffer) => {
    if (network.lastWords !== null && bytes.includes(network.lastWords)) hasSpoken = true;
  });
  const isAnswerHeld = () => hasSpoken && network.lastWords !== null;
  const queues = [forward(near, far, network), forward(far, near, network, isAnswerHeld)];
  const sockets = [near, far];
  const close = () => {
    for (const socket of sockets) socket.destroy();
  };
  for (const socket of sockets) {
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (!isDropped && !network.isStalled) close();
    });
  }
  return {
    flush() {
      for (const queue of queues) queue.flush();
      // A side that closed while nothing passed is followed by the other.
      if (!isDropped && sockets.some((socket) => socket.destroyed))
        for (const socket of sockets) socket.end();
    },
    drop() {
      isDropped = true;
      for (const queue of queues) queue.drop();
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close,
    whenClosed: Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.on("close", () => resolve()))),
    ),
  };
}

/** Passes bytes and the end of the stream from one socket to the other, when the network lets them pass. */
function forward(
  from: Socket,
  to: Socket,
  network: Network,
  isHeld: () => boolean = () => false,
): Readonly<{ flush(): void; drop(): void }> {
  let queue: { dueAt: number; pass: () => void }[] = [];
  let isDropped = false;
  const flush = () => {
    while (!network.isStalled && !isHeld() && queue[0] !== undefined && isDue(queue[0].dueAt, network)) {
      queue.shift()?.pass();
    }
  };
  const enqueue = (pass: () => void) => {
    if (isDropped) return;
    queue.push({ dueAt: performance.now() + network.delayMs, pass });
    if (network.delayMs > 0) setTimeout(flush, network.delayMs + 1).unref();
    flush();
  };
  from.on("data", (bytes: Buffer) => enqueue(() => to.write(bytes)));
  from.on("end", () => enqueue(() => to.end()));
  return {
    flush,
    drop() {
      isDropped = true;
      queue = [];
    },
  };
}

function isDue(dueAt: number, network: Network): boolean {
  return network.delayMs === 0 || dueAt <= performance.now();
}
