/** Exit codes of the subcommands. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, runFailed: 4 } as const;

/** Exit codes of the subcommands that check bundles. */
export const BUNDLE_EXIT = {
  sound: 0,
  altered: 1,
  unreadable: 2,
  /** The signature is missing or wrong, and nothing else. */
  unsigned: 3,
  /** Another result of a recomputation or comparison. */
  differs: 5,
  recipeUnknown: 6,
  /** The artifacts were erased, so there is nothing to compute again. */
  erased: 7,
} as const;

/** Sets the exit code of the program; a subcommand that succeeds need not call it. */
export type Exit = (code: number) => void;

/** Prints the answer of a subcommand as JSON on stdout. */
export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Prints a message for the person at the terminal on stderr. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
