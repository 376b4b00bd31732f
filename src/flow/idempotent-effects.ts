import type { EffectOutcome, Receipt } from "../domain/effect.ts";
import type { Store } from "../store/index.ts";

/** A side effect: a change that can be seen outside of the run. */
export type Effect = Readonly<{ runId: string; kind: string }> &
  (
    | Readonly<{
        /** The receipt is the whole effect: a row in this program's database for others to read. */
        record: Receipt;
      }>
    | Readonly<{
        /** Performs the effect and returns the receipt. Must tolerate a repetition after a crash between effect and receipt. */
        perform: (effectKey: string) => Promise<Receipt>;
      }>
  );

export type CallIdempotentEffect = (effectKey: string, effect: Effect) => Promise<EffectOutcome>;

/**
 * The only way to side effects: one effect per key. Callers with the same key run one after the other: within this process by a
 * queue of promises, so that they hold one connection together, and across processes by an advisory lock. The first performs the
 * effect between a durable intent and its receipt; the others get the receipt.
 */
export function createIdempotentEffects(
  store: Pick<Store, "recordEffect" | "performOnce">,
): CallIdempotentEffect {
  const lastCalls = new Map<string, Promise<unknown>>();
  return (effectKey, { runId, kind, ...effect }) => {
    const name = { effectKey, runId, kind };
    const previous = lastCalls.get(effectKey) ?? Promise.resolve();
    const call = previous
      .catch(() => undefined)
      .then(() =>
        "record" in effect
          ? store.recordEffect(name, effect.record)
          : store.performOnce(name, () => effect.perform(effectKey)),
      );
    lastCalls.set(effectKey, call);
    const remove = () => {
      if (lastCalls.get(effectKey) === call) lastCalls.delete(effectKey);
    };
    call.then(remove, remove);
    return call;
  };
}
