import { Failure } from "../failure.ts";
import type { Store } from "../store/index.ts";

/** Whether the database or its storage is unavailable, which is temporary and not caused by the run. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof Failure &&
    (error.code === "database_unavailable" || error.code === "storage_unavailable")
  );
}

/** Calls `query` again after each outage. */
export async function retryOutages<Answer>(
  store: Pick<Store, "whenAvailable">,
  query: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    try {
      return await query();
    } catch (error) {
      if (!isOutage(error)) throw error;
      await store.whenAvailable();
    }
  }
}
