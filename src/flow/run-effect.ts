import { canonicalJson } from "../canonical-json.ts";
import type { Effect } from "./idempotent-effects.ts";
import { deliverWebhook, type WebhookTarget } from "./webhook.ts";

/** What a run announces when all its artifacts are made: their hashes by type. */
export type RunAnnouncement = Readonly<{ runId: string; artifacts: Readonly<Record<string, string>> }>;

/** How a run announces itself. */
export type RunEffect = (effectKey: string, announcement: RunAnnouncement) => Effect;

/** Announces by a receipt in this program's own database. */
export const receiptEffect: RunEffect = (effectKey, { runId, artifacts }) => ({
  runId,
  kind: "receipt",
  record: { effect_key: effectKey, artifacts },
});

/** Announces by a signed webhook. The receiver recognises repetitions by the message id, which is the effect's key. */
export function webhookEffect(target: WebhookTarget): RunEffect {
  return (effectKey, { runId, artifacts }) => ({
    runId,
    kind: "webhook",
    perform: async (messageId) => {
      const body = canonicalJson({ type: "run.artifacts_stored", data: { run_id: runId, artifacts } });
      const { status } = await deliverWebhook(target, { messageId, body });
      return { effect_key: effectKey, artifacts, receiver: target.url.origin, status };
    },
  });
}
