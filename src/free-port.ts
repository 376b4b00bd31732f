import { createServer } from "node:net";

/** `count` different TCP ports of 127.0.0.1 that nobody listens on at the moment. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  // All are held at once, so that no port is returned twice.
  const servers = await Promise.all(Array.from({ length: count }, listenOnAnyPort));
  return Promise.all(servers.map(closeAndReturnPort));
}

export async function findFreePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port;
}

function listenOnAnyPort(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function closeAndReturnPort(server: ReturnType<typeof createServer>): Promise<number> {
  const address = server.address();
  return new Promise((resolve) => {
    server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
  });
}
