/** The proof that an effect took place: plain data, chosen by the effect. */
export type Receipt = Readonly<Record<string, unknown>>;

/** Which effect it is, for which run. The key makes it one and the same however often it is asked for. */
export type EffectName = Readonly<{ effectKey: string; runId: string; kind: string }>;

/** How an effect came out: its proof, and how often it was begun: once, unless a crash fell between intent and receipt. */
export type EffectOutcome = Readonly<{ receipt: Receipt; executions: number }>;

/** An effect as it is read back. */
export type StoredEffect = Readonly<{
  effectKey: string;
  kind: string;
  executions: number;
  /** null: it was begun, and whether it took place is uncertain until it is performed again under the same key. */
  receipt: Receipt | null;
}>;
