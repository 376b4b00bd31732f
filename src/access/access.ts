import { randomBytes } from "node:crypto";
import { ANONYMOUS, type Identity, type TokenRecord } from "../domain/access.ts";
import { Failure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import type { Store } from "../store/index.ts";
import { withTimeout } from "../timeout.ts";
import { clientNetworkOf } from "./client-network.ts";
import { createSharedLimits, type LimitPeers, type SharedLimits } from "./shared-limits.ts";
import { isSecretOf, parseToken } from "./token.ts";

/** What a request brings to show who sent it. */
export type Credentials = Readonly<{ bearer: string | null; session: string | null }>;

/** Decides who sent a request. */
export type Access = Readonly<{
  /**
   * @param address of the client, by which guessing is slowed
   * @throws Failure `unauthenticated`, `too_many_requests`, `database_unavailable`
   */
  identify(credentials: Credentials, address: string): Promise<Identity>;
  /** Counts a request against the rate of its token. @throws Failure `too_many_requests` */
  countRequest(identity: Identity): void;
  /** Opens a session of the pages; returns the value of its cookie. */
  openSession(tokenId: string): Promise<Readonly<{ session: string; expiresAtEpochMs: number }>>;
  endSession(session: string): Promise<void>;
}>;

/** A revocation is effective on every node after this time, and that of a query. */
const CACHE_MS = 400;
const QUERY_TIMEOUT_MS = 2_000;

/** A working day: who works on the pages signs in once a day. */
const SESSION_LIFETIME_MS = 12 * 60 * 60_000;
const MAX_CACHED_SESSIONS = 1_000;

type AccessStore = Pick<Store, "listTokens" | "openSession" | "findSessionToken" | "endSession">;

/**
 * @param isAnonymousAllowed whether a request without a token may do everything, once told whether any token was ever made
 * @param peers the processes that count requests and guesses together with this one
 */
export function createAccess(
  store: AccessStore,
  isAnonymousAllowed: (hasTokens: boolean) => boolean,
  peers?: LimitPeers,
): Access {
  const tokens = createTokenCache(store);
  const sessions = createSessionCache(store);
  const limits = createSharedLimits(peers);
  const { guesses } = limits;

  /** A guess at one token does not slow the holders of others, who may have the same address. */
  const refuse = (address: string, tokenId: string): Failure => {
    const key = `${address} ${tokenId}`;
    const waitMs = guesses.waitMs(key);
    guesses.take(key);
    return waitMs > 0 ? tooManyRequests(waitMs) : new Failure("unauthenticated");
  };

  /** A token that was just made is not in the cache yet. */
  const findToken = async (tokenId: string, address: string): Promise<TokenRecord | undefined> => {
    const known = (await tokens.read()).get(tokenId);
    if (known !== undefined || guesses.waitMs(`${address} `) > 0) return known;
    return (await tokens.readAgain()).get(tokenId);
  };

  const byToken = async (bearer: string, address: string): Promise<Identity> => {
    const parts = parseToken(bearer);
    if (parts === null) throw refuse(address, "");
    const record = await findToken(parts.tokenId, address);
    if (record === undefined) throw refuse(address, "");
    const waitMs = guesses.waitMs(`${address} ${record.tokenId}`);
    if (waitMs > 0) throw tooManyRequests(waitMs);
    if (!isSecretOf(parts.secret, record)) throw refuse(address, record.tokenId);
    if (record.revokedAtEpochMs !== null) throw new Failure("unauthenticated");
    return identityOf(record);
  };

  const bySession = async (session: string): Promise<Identity | null> => {
    const tokenId = await sessions.findToken(session);
    const record = tokenId === null ? undefined : (await tokens.read()).get(tokenId);
    return record?.revokedAtEpochMs === null ? identityOf(record) : null;
  };

  return {
    countRequest: createRequestCount(limits),
    async identify({ bearer, session }, clientAddress) {
      const address = clientNetworkOf(clientAddress);
      if (bearer !== null) return byToken(bearer, address);
      const hasTokens = (await tokens.read()).size > 0;
      const identity = session === null || !hasTokens ? null : await bySession(session);
      if (identity !== null) return identity;
      if (isAnonymousAllowed(hasTokens)) return ANONYMOUS;
      throw session === null ? new Failure("unauthenticated") : refuse(address, "");
    },
    async openSession(tokenId) {
      const session = randomBytes(32).toString("base64url");
      const expiresAtEpochMs = await store.openSession({
        sessionSha256: sha256Hex(session),
        tokenId,
        lifetimeMs: SESSION_LIFETIME_MS,
      });
      return { session, expiresAtEpochMs };
    },
    endSession: sessions.end,
  };
}

function identityOf({ tokenId, name, scope, ratePerMin }: TokenRecord): Identity {
  return { token: { id: tokenId, name, ratePerMin }, scope };
}

function createRequestCount(limits: SharedLimits): Access["countRequest"] {
  return ({ token }) => {
    if (token === null || token.ratePerMin === null) return;
    const { id, ratePerMin } = token;
    const limit = limits.requestsAt(ratePerMin);
    const waitMs = limit.waitMs(id);
    if (waitMs > 0) throw tooManyRequests(waitMs);
    limit.take(id);
  };
}

function tooManyRequests(waitMs: number): Failure {
  return new Failure("too_many_requests", { retry_after_s: Math.ceil(waitMs / 1000) });
}

/**
 * All tokens by id, read again after `CACHE_MS`. While the database does not answer the last ones count: nothing that they open can be
 * read then either.
 */
function createTokenCache(store: AccessStore) {
  let cached: ReadonlyMap<string, TokenRecord> | null = null;
  let readAtMs = 0;
  let reading: Promise<ReadonlyMap<string, TokenRecord>> | null = null;
  const read = async () => {
    const askedAtMs = performance.now();
    const tokens = await withTimeout(store.listTokens(), QUERY_TIMEOUT_MS, unavailable).catch(
      (error: unknown) => {
        if (cached === null) throw error;
        return [...cached.values()];
      },
    );
    cached = new Map(tokens.map((token) => [token.tokenId, token]));
    readAtMs = askedAtMs;
    return cached;
  };
  const readAgain = () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
  const isFresh = () => performance.now() - readAtMs < CACHE_MS;
  return {
    readAgain,
    read: async () => (cached !== null && isFresh() ? cached : readAgain()),
  };
}

/** The tokens of sessions, each read again after `CACHE_MS`. */
function createSessionCache(store: AccessStore) {
  const cached = new Map<string, Readonly<{ tokenId: string | null; readAtMs: number }>>();
  return {
    async findToken(session: string): Promise<string | null> {
      const hash = sha256Hex(session);
      const entry = cached.get(hash);
      if (entry !== undefined && performance.now() - entry.readAtMs < CACHE_MS) return entry.tokenId;
      const readAtMs = performance.now();
      const tokenId = await withTimeout(store.findSessionToken(hash), QUERY_TIMEOUT_MS, unavailable);
      if (cached.size >= MAX_CACHED_SESSIONS) cached.clear();
      cached.set(hash, { tokenId, readAtMs });
      return tokenId;
    },
    async end(session: string): Promise<void> {
      const hash = sha256Hex(session);
      await store.endSession(hash);
      cached.delete(hash);
    },
  };
}

function unavailable(): Failure {
  return new Failure("database_unavailable");
}
