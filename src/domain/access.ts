/** What a token allows, from least to most. Each scope includes those before it. */
export const SCOPES = ["read", "run", "operate", "admin"] as const;

export type Scope = (typeof SCOPES)[number];
