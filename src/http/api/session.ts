import { Failure } from "../../failure.ts";
import { readCredentials } from "../credentials.ts";
import { jsonReply } from "../reply.ts";
import { identityOf } from "../request-context.ts";
import type { Services } from "./services.ts";

/** `GET /session`: whom the request is from; `token` is null for a request without a token, where those are allowed. */
export function showSession(request: Request): Response {
  const { token, scope } = identityOf(request);
  return jsonReply({ token: token?.name ?? null, scope });
}

/** `POST /session`: 201 with the value of a session cookie that stands for the token of the request until it expires. */
export async function openSession({ access }: Services, request: Request): Promise<Response> {
  const { token, scope } = identityOf(request);
  if (token === null) throw new Failure("unauthenticated");
  const { session, expiresAtEpochMs } = await access.openSession(token.id);
  return jsonReply({ token: token.name, scope, session, expires_at: expiresAtEpochMs }, 201);
}

/** `POST /session/end`: the session of the request's cookie is valid no longer. */
export async function endSession({ access }: Services, request: Request): Promise<Response> {
  const { session } = readCredentials(request.headers);
  if (session !== null) await access.endSession(session);
  return jsonReply({ ended: session !== null });
}
