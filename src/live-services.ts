import { setTimeout as sleep } from "node:timers/promises";
import { retryUntilReachable } from "./database-wait.ts";
import type { Services } from "./http/api/services.ts";
import type { Log } from "./log.ts";

export type OpenServices = Services & Readonly<{ close(): Promise<void> }>;

/** The services of this program, for as long as it runs. */
export type LiveServices = Readonly<{
  /** Null while they are being opened again. */
  get(): Services | null;
  close(): Promise<void>;
}>;

const RETRY_INTERVAL_MS = 1_000;

/**
 * Opens the services. Opens them again under another name when the node loses its name: another program took the name while this one
 * could not reach the database, and recovers its runs.
 */
export async function openLiveServices(
  open: () => Promise<OpenServices>,
  log: Pick<Log, "databaseTrouble" | "nodeRenamed" | "waitingForDatabase">,
): Promise<LiveServices> {
  const closing = Promise.withResolvers<void>();
  let isClosing = false;

  /** Retries without a limit: a network fault must not end the program. */
  const reopen = async (): Promise<OpenServices | null> => {
    while (!isClosing) {
      try {
        return await open();
      } catch (error) {
        log.databaseTrouble({ error });
        await sleep(RETRY_INTERVAL_MS);
      }
    }
    return null;
  };

  let current: OpenServices | null = await retryUntilReachable(open, log);

  const rejoinWhenNameLost = async () => {
    while (current !== null) {
      await Promise.race([current.kernel.whenNameLost, closing.promise]);
      if (isClosing) return;
      const lost: OpenServices = current;
      current = null;
      await lost.close().catch((error: unknown) => log.databaseTrouble({ error }));
      current = await reopen();
      if (current !== null) log.nodeRenamed({ from: lost.kernel.node, to: current.kernel.node });
    }
  };
  const rejoining = rejoinWhenNameLost().catch((error: unknown) => log.databaseTrouble({ error }));

  return {
    get: () => current,
    async close() {
      isClosing = true;
      closing.resolve();
      await rejoining;
      await current?.close();
    },
  };
}
