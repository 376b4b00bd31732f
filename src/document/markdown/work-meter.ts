import type { Checkpoint } from "../checkpoint.ts";

/** One unit is about what it costs the parser to look at one character: some tens of nanoseconds. */
export type WorkUnits = number;

/** Thrown when a part of a document asks for more of the parser's work than its length allows. */
export class WorkLimitError extends Error {}

/** A token takes about 400 bytes with its positions and events, so this many take less than half a gigabyte. */
const MAX_TOKENS = 1_000_000;

/**
 * Counts what the parser does. Markdown parsers take time by the square of the input for some inputs (nested brackets,
 * lazy lines, unclosed titles); a limit in proportion to the length keeps every document linear. The count depends on
 * the input alone, so the same document is cut off at the same place on every host.
 */
export class WorkMeter {
  readonly #checkpoint: Checkpoint;
  #unitsLeft = 0;
  #tokensLeft = 0;
  #unitsToCheckpoint = UNITS_PER_CHECKPOINT;

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
  }

  /** Starts anew for a part of a document of this many UTF-16 units. */
  start(length: number, unitsPerCharacter: number): void {
    this.#unitsLeft = BASE_UNITS + unitsPerCharacter * length;
    this.#tokensLeft = MAX_TOKENS;
  }

  /** Throws WorkLimitError when nothing is left. */
  spend(units: WorkUnits): void {
    this.#unitsLeft -= units;
    if (this.#unitsLeft < 0) throw new WorkLimitError("The parser would take too long.");
    this.#unitsToCheckpoint -= units;
    if (this.#unitsToCheckpoint > 0) return;
    this.#unitsToCheckpoint = UNITS_PER_CHECKPOINT;
    this.#checkpoint();
  }

  countToken(): void {
    this.#tokensLeft -= 1;
    if (this.#tokensLeft < 0) throw new WorkLimitError("The parser would make too many tokens.");
  }
}

const UNITS_PER_CHECKPOINT = 1000;

/** What a short text may take, however it is made. */
const BASE_UNITS = 20_000;
