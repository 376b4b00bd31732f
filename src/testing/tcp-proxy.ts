import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can be cut and opened again, as a network or a restart would. */
export type TcpProxy = Readonly<{
  /** The given URL, by way of this gate. */
  url: string;
  /** Cuts every connection and refuses new ones. */
  cut(): Promise<void>;
  open(): Promise<void>;
  /** Connections stay, and nothing passes: a server that hangs, or a network that loses packets. */
  stall(): void;
  /** Lets pass again, and what was on its way first. */
  flow(): void;
}> &
  AsyncDisposable;

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isStalled = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
    if (isStalled) pauseBoth(near, far);
  });
  const open = (on: number) => new Promise<void>((resolve) => server.listen(on, "127.0.0.1", resolve));
  const cut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const stall = () => {
    isStalled = true;
    for (const socket of sockets) socket.pause();
  };
  const flow = () => {
    isStalled = false;
    for (const socket of sockets) socket.resume();
  };
  await open(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gate has no port");
  const url = new URL(target);
  url.port = String(address.port);
  return {
    url: url.href,
    cut,
    open: () => open(address.port),
    stall,
    flow,
    [Symbol.asyncDispose]: cut,
  };
}

function pauseBoth(near: Socket, far: Socket): void {
  near.pause();
  far.pause();
}
