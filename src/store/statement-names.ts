/**
 * Names for statements that are sent often. Postgres plans a named statement once per connection, and planning is the larger part of
 * what the short statements of this program and of DBOS cost the server.
 */
export type StatementNames = Readonly<{
  /** The name of a text, from the second time on that it is asked for; undefined for a text that stays without one. */
  nameOf(text: string): string | undefined;
}>;

/** A connection keeps every statement that it has prepared, some 20 kB each. */
const MAX_NAMES = 200;

/** Texts that were seen once, of which the oldest are forgotten: DBOS writes some texts for one use. */
const MAX_CANDIDATES = 500;

export function createStatementNames(maxNames = MAX_NAMES, maxCandidates = MAX_CANDIDATES): StatementNames {
  const names = new Map<string, string>();
  const candidates = new Set<string>();
  return {
    nameOf(text) {
      const known = names.get(text);
      if (known !== undefined || names.size >= maxNames) return known;
      if (candidates.delete(text)) {
        const name = `text-${names.size + 1}`;
        names.set(text, name);
        return name;
      }
      candidates.add(text);
      if (candidates.size > maxCandidates) {
        for (const oldest of candidates) {
          candidates.delete(oldest);
          break;
        }
      }
      return undefined;
    },
  };
}
