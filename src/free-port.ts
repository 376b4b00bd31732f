import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux): one of those could be taken by any client
 * between this look and its use.
 */
const [FIRST_PORT, LAST_PORT] = [10_000, 19_999];

/** `count` different TCP ports of 127.0.0.1 that nobody listens on at the moment. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  const servers: Server[] = [];
  // All are held until the last is found, so that no port is returned twice.
  while (ports.length < count) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    const server = await listenOn(port);
    if (server === null) continue;
    servers.push(server);
    ports.push(port);
  }
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

export async function findFreePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port;
}

/** Whether nobody listens on this TCP port of 127.0.0.1 at the moment. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === null) return false;
  await new Promise((closed) => server.close(closed));
  return true;
}

/** Null when the port is taken. */
function listenOn(port: number): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(null);
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
