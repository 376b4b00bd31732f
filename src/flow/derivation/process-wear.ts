/** What a process that derives documents has gone through. */
export type Wear = Readonly<{ documents: number; ageMs: number; residentBytes: number }>;

/** A process is replaced after so many documents, before what each leaves behind adds up. */
const MAX_DOCUMENTS = 500;

/**
 * A process that an earlier document has left with a larger part of its memory is not used again. Bun keeps up to 0.4 of it as garbage
 * (`derivingEnvironment`), and collects that when a document needs memory.
 */
const MAX_IDLE_PART = 1 / 2;

/** Whether a process is to be replaced before the next document. A new process takes seconds until it is as fast. */
export function isWorn(
  { documents, ageMs, residentBytes }: Wear,
  { maxAgeMs, maxBytes }: Readonly<{ maxAgeMs: number; maxBytes: number }>,
): boolean {
  return documents >= MAX_DOCUMENTS || ageMs >= maxAgeMs || residentBytes > maxBytes * MAX_IDLE_PART;
}
