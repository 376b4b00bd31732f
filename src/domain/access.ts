import { z } from "zod";
import { checkPayload } from "./payload.ts";

/** What a token allows, from least to most. Each scope includes those before it. */
export const SCOPES = ["read", "run", "operate", "admin"] as const;

export type Scope = (typeof SCOPES)[number];

export function includesScope(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed);
}

/** Who sent a request: the holder of a token, or, where requests without a token are allowed, anybody. */
export type Identity = Readonly<{ token: Readonly<{ id: string; name: string }> | null; scope: Scope }>;

export const ANONYMOUS: Identity = { token: null, scope: "admin" };

/** A row of jejakekal.token. The secret itself is stored nowhere. */
export type TokenRecord = Readonly<{
  tokenId: string;
  name: string;
  scope: Scope;
  secretSha256: string;
  createdAtEpochMs: number;
  /** Null while the token is valid. */
  revokedAtEpochMs: number | null;
}>;

const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const newToken = z.strictObject(
  {
    name: z
      .string("takes a string")
      .regex(TOKEN_NAME, "is 1 to 64 of A-Z a-z 0-9 . _ - and starts with a letter or digit"),
    scope: z.enum(SCOPES, `takes ${SCOPES.join(", ")}`),
  },
  "takes a JSON object",
);

/**
 * Parses the request for a token: `{name, scope}`.
 * @throws Failure `invalid_run_payload`
 */
export function parseNewToken(body: unknown): Readonly<{ name: string; scope: Scope }> {
  return checkPayload(newToken, body);
}

/** What the API and the command line show of a token. */
export function tokenViewOf({ tokenId, name, scope, createdAtEpochMs, revokedAtEpochMs }: TokenRecord) {
  return {
    name,
    scope,
    token_id: tokenId,
    created_at: createdAtEpochMs,
    revoked_at: revokedAtEpochMs,
  };
}
