import { z } from "zod";
import { checkPayload } from "./payload.ts";

/** What a token allows, from least to most. Each scope includes those before it. */
export const SCOPES = ["read", "run", "operate", "admin"] as const;

export type Scope = (typeof SCOPES)[number];

export function includesScope(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed);
}

/** Who sent a request: the holder of a token, or, where requests without a token are allowed, anybody. */
export type Identity = Readonly<{
  token: Readonly<{ id: string; name: string; ratePerMin: number | null }> | null;
  scope: Scope;
}>;

export const ANONYMOUS: Identity = { token: null, scope: "admin" };

/** A row of jejakekal.token. The secret itself is stored nowhere. */
export type TokenRecord = Readonly<{
  tokenId: string;
  name: string;
  scope: Scope;
  secretSha256: string;
  /** Requests that it may send to one node in a minute; null for any number. */
  ratePerMin: number | null;
  createdAtEpochMs: number;
  /** Null while the token is valid. */
  revokedAtEpochMs: number | null;
}>;

const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const MAX_RATE_PER_MIN = 1_000_000;
const RATE = `takes a number from 1 to ${MAX_RATE_PER_MIN}`;

const newToken = z.strictObject(
  {
    name: z
      .string("takes a string")
      .regex(TOKEN_NAME, "is 1 to 64 of A-Z a-z 0-9 . _ - and starts with a letter or digit"),
    scope: z.enum(SCOPES, `takes ${SCOPES.join(", ")}`),
    rate_per_min: z.int(RATE).min(1, RATE).max(MAX_RATE_PER_MIN, RATE).optional(),
  },
  "takes a JSON object",
);

/**
 * Parses the request for a token: `{name, scope, rate_per_min?}`.
 * @throws Failure `invalid_run_payload`
 */
export function parseNewToken(
  body: unknown,
): Readonly<{ name: string; scope: Scope; ratePerMin: number | null }> {
  const { rate_per_min: ratePerMin = null, ...token } = checkPayload(newToken, body);
  return { ...token, ratePerMin };
}

/** What the API and the command line show of a token. */
export function tokenViewOf(token: TokenRecord) {
  const { tokenId, name, scope, ratePerMin, createdAtEpochMs, revokedAtEpochMs } = token;
  return {
    name,
    scope,
    rate_per_min: ratePerMin,
    token_id: tokenId,
    created_at: createdAtEpochMs,
    revoked_at: revokedAtEpochMs,
  };
}
