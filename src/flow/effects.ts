import type { EffectOutcome, Receipt } from "../domain/effect.ts";
import type { Store } from "../store/index.ts";

/** A side effect: something that is noticed outside of the run. */
export type Effect = Readonly<{ runId: string; kind: string }> &
  (
    | Readonly<{
        /** The whole of the effect: a row of this program's database, there for others to read. */
        record: Receipt;
      }>
    | Readonly<{
        /** Does it, and returns the proof. Must itself bear being repeated after a crash between doing and proving. */
        perform: (effectKey: string) => Promise<Receipt>;
      }>
  );

export type CallIdempotentEffect = (effectKey: string, effect: Effect) => Promise<EffectOutcome>;

/**
 * The only door for side effects. Callers with one key take turns: within the program by a queue of promises, so that they
 * hold one connection and not one each, and across programs by a Postgres lock. The first performs the effect between a
 * durable intent and its receipt; the others are handed the receipt.
 */
export function effectDoor(store: Pick<Store, "recordEffect" | "performOnce">): CallIdempotentEffect {
  const turns = new Map<string, Promise<unknown>>();
  return (effectKey, { runId, kind, ...effect }) => {
    const name = { effectKey, runId, kind };
    const before = turns.get(effectKey) ?? Promise.resolve();
    const turn = before
      .catch(() => undefined)
      .then(() =>
        "record" in effect
          ? store.recordEffect(name, effect.record)
          : store.performOnce(name, () => effect.perform(effectKey)),
      );
    turns.set(effectKey, turn);
    const leave = () => {
      if (turns.get(effectKey) === turn) turns.delete(effectKey);
    };
    turn.then(leave, leave);
    return turn;
  };
}
