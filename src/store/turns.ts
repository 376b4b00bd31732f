/**
 * Runs work under one key one after the other, and work under different keys at the same time. Work that fails does not stop
 * the work behind it.
 */
export function createTurns() {
  const lastByKey = new Map<string, Promise<unknown>>();
  return async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const turn = (lastByKey.get(key) ?? Promise.resolve()).then(work, work);
    lastByKey.set(key, turn);
    try {
      return await turn;
    } finally {
      if (lastByKey.get(key) === turn) lastByKey.delete(key);
    }
  };
}
