/** The proof that an effect took place: a JSON object whose keys the kind of effect chooses. */
export type Receipt = Readonly<Record<string, unknown>>;

/** Names an effect. Calls with the same `effectKey` are one effect; `kind` says how it is performed, such as `webhook`. */
export type EffectName = Readonly<{ effectKey: string; runId: string; kind: string }>;

/**
 * The result of an effect. `executions`: how often it was begun; more than 1 after a crash between intent and receipt. `kind` is that
 * of the receipt: an earlier program can have performed the effect in another way.
 */
export type EffectOutcome = Readonly<{ receipt: Receipt; executions: number; kind: string }>;

/** An effect as it is read back, from its rows in jejakekal.effect_intent and jejakekal.effect_receipt. */
export type StoredEffect = Readonly<{
  effectKey: string;
  kind: string;
  executions: number;
  /** null: it was begun, and no proof is stored that it took place. */
  receipt: Receipt | null;
  /**
   * For each execution, the `seq` of the last event of the run's journal when it began: -1 before the first event, null in rows of
   * earlier versions.
   */
  begunAfter: readonly (number | null)[];
  /** Likewise for the receipt; null also where there is none. */
  receiptAfter: number | null;
}>;
