import { randomBytes, timingSafeEqual } from "node:crypto";
import { parseNewToken, type TokenRecord } from "../domain/access.ts";
import { Failure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import type { Store } from "../store/index.ts";

/** The id of a token, which is public, and its secret. */
export type TokenParts = Readonly<{ tokenId: string; secret: string }>;

/** `jjk_`, the id as 16 hex digits, and 32 random bytes in base64url. The prefix lets scanners of repositories find a leaked token. */
const TOKEN = /^jjk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** Null for a text that is not a token. */
export function parseToken(text: string): TokenParts | null {
  const [, tokenId, secret] = TOKEN.exec(text) ?? [];
  return tokenId === undefined || secret === undefined ? null : { tokenId, secret };
}

/**
 * Makes a token from `{name, scope, rate_per_min?}` and stores it; `text` is shown once and cannot be read again.
 * @throws Failure `invalid_run_payload`, `token_exists`
 */
export async function makeToken(
  store: Pick<Store, "createToken">,
  body: unknown,
): Promise<Readonly<{ record: TokenRecord; text: string }>> {
  const { name, scope, ratePerMin } = parseNewToken(body);
  const tokenId = randomBytes(8).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  const secretSha256 = sha256Hex(secret);
  const record = await store.createToken({ tokenId, name, scope, secretSha256, ratePerMin });
  if (record === null) throw new Failure("token_exists", { name });
  return { record, text: `jjk_${tokenId}_${secret}` };
}

/** @throws Failure `token_not_found` */
export async function revokeToken(store: Pick<Store, "revokeToken">, name: string): Promise<TokenRecord> {
  const record = await store.revokeToken(name);
  if (record === null) throw new Failure("token_not_found", { name: name.slice(0, 64).toWellFormed() });
  return record;
}

/** Compares hashes in constant time, so that the time of an answer tells nothing about a secret. */
export function isSecretOf(secret: string, record: Pick<TokenRecord, "secretSha256">): boolean {
  return timingSafeEqual(Buffer.from(sha256Hex(secret)), Buffer.from(record.secretSha256));
}
