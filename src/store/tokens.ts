import type { Scope, TokenRecord } from "../domain/access.ts";
import type { Queryable } from "./database.ts";

const SELECT_TOKEN = `
  select t.token_id as "tokenId", t.name, t.scope, t.secret_sha256 as "secretSha256", t.rate_per_min as "ratePerMin",
         floor(extract(epoch from t.created_at) * 1000)::float8 as "createdAtEpochMs",
         floor(extract(epoch from r.revoked_at) * 1000)::float8 as "revokedAtEpochMs"
    from jejakekal.token t left join jejakekal.token_revocation r on r.token_id = t.token_id`;

/** Oldest first, with those that were revoked. */
export async function listTokens(db: Queryable): Promise<readonly TokenRecord[]> {
  const { rows } = await db.query<TokenRecord>({
    name: "list-tokens",
    text: `${SELECT_TOKEN} order by t.created_at, t.token_id`,
    values: [],
  });
  return rows;
}

/** Null when a token has or had this name. */
export async function createToken(
  db: Queryable,
  token: Readonly<{
    tokenId: string;
    name: string;
    scope: Scope;
    secretSha256: string;
    ratePerMin: number | null;
  }>,
): Promise<TokenRecord | null> {
  const { rowCount } = await db.query(
    `insert into jejakekal.token (token_id, name, scope, secret_sha256, rate_per_min) values ($1, $2, $3, $4, $5)
     on conflict (name) do nothing`,
    [token.tokenId, token.name, token.scope, token.secretSha256, token.ratePerMin],
  );
  return rowCount === 1 ? findToken(db, token.name) : null;
}

/** The token, revoked now or earlier; null when there is none of this name. */
export async function revokeToken(db: Queryable, name: string): Promise<TokenRecord | null> {
  await db.query(
    `insert into jejakekal.token_revocation (token_id)
     select token_id from jejakekal.token where name = $1
     on conflict (token_id) do nothing`,
    [name],
  );
  return findToken(db, name);
}

async function findToken(db: Queryable, name: string): Promise<TokenRecord | null> {
  const { rows } = await db.query<TokenRecord>(`${SELECT_TOKEN} where t.name = $1`, [name]);
  return rows[0] ?? null;
}

/** Returns when the session expires, in epoch milliseconds. */
export async function openSession(
  db: Queryable,
  session: Readonly<{ sessionSha256: string; tokenId: string; lifetimeMs: number }>,
): Promise<number> {
  const { rows } = await db.query<{ expiresAtEpochMs: number }>(
    `insert into jejakekal.session (session_sha256, token_id, expires_at)
     values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
     returning floor(extract(epoch from expires_at) * 1000)::float8 as "expiresAtEpochMs"`,
    [session.sessionSha256, session.tokenId, session.lifetimeMs],
  );
  return rows[0]?.expiresAtEpochMs ?? 0;
}

/** The token of a session that is neither expired nor ended; null for any other. */
export async function findSessionToken(db: Queryable, sessionSha256: string): Promise<string | null> {
  const { rows } = await db.query<{ tokenId: string }>({
    name: "find-session-token",
    text: `
      select s.token_id as "tokenId" from jejakekal.session s
       where s.session_sha256 = $1 and s.expires_at > clock_timestamp()
         and not exists (select from jejakekal.session_end e where e.session_sha256 = s.session_sha256)`,
    values: [sessionSha256],
  });
  return rows[0]?.tokenId ?? null;
}

export async function endSession(db: Queryable, sessionSha256: string): Promise<void> {
  await db.query(
    `insert into jejakekal.session_end (session_sha256)
     select session_sha256 from jejakekal.session where session_sha256 = $1
     on conflict (session_sha256) do nothing`,
    [sessionSha256],
  );
}
