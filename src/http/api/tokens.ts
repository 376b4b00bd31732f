import { makeToken, revokeToken as revoke } from "../../access/token.ts";
import { tokenViewOf } from "../../domain/access.ts";
import { readOptionalJson } from "../body.ts";
import { jsonReply } from "../reply.ts";
import type { Services } from "./services.ts";

/** `GET /tokens`: oldest first, with those that were revoked. */
export async function listTokens({ store }: Services): Promise<Response> {
  return jsonReply({ tokens: (await store.listTokens()).map(tokenViewOf) });
}

/** `POST /tokens`: 201 with the token, which no later answer has. */
export async function createToken({ store }: Services, request: Request): Promise<Response> {
  const { record, text } = await makeToken(store, await readOptionalJson(request));
  return jsonReply({ ...tokenViewOf(record), token: text }, 201);
}

/** `POST /tokens/:name/revoke`: effective on every node within a second. */
export async function revokeToken({ store }: Services, name: string): Promise<Response> {
  return jsonReply(tokenViewOf(await revoke(store, name)));
}
