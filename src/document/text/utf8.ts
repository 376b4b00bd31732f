/** How many bytes a step through UTF-8 passes, and how many UTF-16 units they decode to. */
export type Utf8Step = readonly [bytes: number, units: number];

const UNIT_STEPS = [
  [1, 1],
  [2, 1],
  [3, 1],
] as const;
const PAIR_STEP = [4, 2] as const;

/**
 * The step from a byte to the next character, as TextDecoder decodes it. Bytes that are no character become one U+FFFD for
 * each longest start of a character (Unicode 16, 3.9, "maximal subparts").
 */
export function utf8StepAt(bytes: Uint8Array, at: number): Utf8Step {
  const lead = bytes[at] ?? 0;
  const length = lengthByLead(lead);
  if (length === 1) return UNIT_STEPS[0];
  let valid = 1;
  while (valid < length && isContinuation(lead, bytes[at + valid], valid)) valid += 1;
  if (valid === 4) return PAIR_STEP;
  return UNIT_STEPS[valid - 1] ?? UNIT_STEPS[0];
}

function lengthByLead(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** The second byte rules out overlong forms, surrogates and what is beyond U+10FFFF. */
function isContinuation(lead: number, byte: number | undefined, index: number): boolean {
  if (byte === undefined) return false;
  let [low, high] = [0x80, 0xbf];
  if (index === 1 && lead === 0xe0) low = 0xa0;
  else if (index === 1 && lead === 0xed) high = 0x9f;
  else if (index === 1 && lead === 0xf0) low = 0x90;
  else if (index === 1 && lead === 0xf4) high = 0x8f;
  return byte >= low && byte <= high;
}
