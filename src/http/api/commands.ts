import { z } from "zod";
import { commandViewOf } from "../../projection/command-view.ts";
import { limitParameter, readQuery, textParameter } from "../query.ts";
import { jsonReply } from "../reply.ts";
import type { ReadServices } from "./services.ts";

const commandsQuery = z.strictObject({
  status: z.enum(["running", "done", "error", "unknown"], "takes running, done, error or unknown").optional(),
  q: textParameter,
  limit: limitParameter,
  before: z
    .string()
    .regex(/^\d{1,15}$/, "takes the id of a command")
    .transform(Number)
    .optional(),
});

/** `GET /commands`: newest first; `next` is the `before` of the following page, null on the last. */
export async function listCommands(services: ReadServices, request: Request): Promise<Response> {
  const { status, q, limit, before } = readQuery(request.url, commandsQuery);
  const found = await services.store.listCommands({ status, text: q, limit: limit + 1, before });
  const commands = found.slice(0, limit).map(commandViewOf);
  return jsonReply({ commands, next: found.length > limit ? (commands.at(-1)?.id ?? null) : null });
}
