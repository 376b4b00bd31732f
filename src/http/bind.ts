import cluster from "node:cluster";
import { lookup } from "node:dns/promises";
import type { Server } from "node:http";
import { StartFailure } from "../failure.ts";

/**
 * Binds a server to a host and port.
 * @throws StartFailure with one line that names the variable that sets the port
 */
export async function bindServer(
  server: Server,
  host: string,
  port: number,
  variable: string,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  try {
    // For an unknown name Bun's server reports a different error each time, so the name is resolved first.
    await lookup(host);
    // Workers share the port with each other; no other program may have it.
    server.listen({ host, port, exclusive: cluster.isPrimary }, resolve);
    await promise;
  } catch (error) {
    throw bindFailure(error, host, port, variable);
  } finally {
    server.off("error", reject);
  }
}

function bindFailure(error: unknown, host: string, port: number, variable: string): StartFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is taken: stop what listens there, or set ${variable} to a free port.`,
    EACCES: `port ${port} on ${host} may not be opened by this user: set ${variable} to a port above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set JEJAKEKAL_HOST to one that is.`,
    ENOTFOUND: `${host} is no address of this machine: set JEJAKEKAL_HOST to one that is.`,
  };
  return new StartFailure(
    `${variable}: ${why[code] ?? `port ${port} on ${host} cannot be opened (${code}).`}`,
    {
      cause: error,
    },
  );
}
