import { once } from "node:events";
import { createIdempotentEffects } from "../flow/idempotent-effects.ts";
import { createLog } from "../log.ts";
import { openStore } from "../store/index.ts";

/**
 * A process that asks for effects, all at once: `effect-caller.ts DATABASE_URL RECEIVER_URL KEY…`. It says that it is ready,
 * waits for a line, and prints one line for each call: the outcome, or why there is none.
 */
const [databaseUrl = "", receiverUrl = "", ...keys] = process.argv.slice(2);
const store = openStore({
  url: databaseUrl,
  serverId: undefined,
  poolSize: 10,
  log: createLog({ level: "silent" }),
});
const callIdempotentEffect = createIdempotentEffects(store);

console.log("ready");
await once(process.stdin, "data");
process.stdin.destroy();

await Promise.all(
  keys.map(async (key) => {
    const called = callIdempotentEffect(key, { runId: "no-run", kind: "call", perform });
    console.log(JSON.stringify(await called.catch((error: Error) => ({ failure: error.message }))));
  }),
);
await store.close();

/** Safe to repeat, as every effect must be: the key goes along, so the receiver can tell. */
async function perform(key: string): Promise<{ call: string }> {
  const response = await fetch(receiverUrl, { method: "POST", headers: { "idempotency-key": key } });
  if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
  return { call: await response.text() };
}
