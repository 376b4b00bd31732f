/** What was done, what should have come of it, and what came. */
export type Evidence = Readonly<{ command: string; expectation: string; got: string; ok: boolean }>;

/** Takes down what a scenario sees. A scenario goes on after a disappointment: the more is known, the better. */
export type Witness = Readonly<{
  evidence: readonly Evidence[];
  sees(command: string, expectation: string, got: unknown, ok: boolean): void;
}>;

/** Enough to recognise an answer by; whole documents belong elsewhere. */
const MOST_CHARACTERS = 600;

export function createWitness(): Witness {
  const evidence: Evidence[] = [];
  return {
    evidence,
    sees(command, expectation, got, ok) {
      const text = typeof got === "string" ? got : (JSON.stringify(got) ?? "nothing");
      evidence.push({ command, expectation, got: shorten(text), ok });
    },
  };
}

function shorten(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
