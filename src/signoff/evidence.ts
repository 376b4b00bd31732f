/** One check: what was done, the expected and the actual result. */
export type Evidence = Readonly<{ command: string; expectation: string; got: string; ok: boolean }>;

/** Collects the checks of a scenario. A scenario continues after a failed check, so that the report shows all of them. */
export type Recorder = Readonly<{
  evidence: readonly Evidence[];
  check(command: string, expectation: string, got: unknown, ok: boolean): void;
}>;

/** Long enough to recognise an answer; the evidence holds no whole documents. */
const MOST_CHARACTERS = 600;

export function createRecorder(): Recorder {
  const evidence: Evidence[] = [];
  return {
    evidence,
    check(command, expectation, got, ok) {
      const text = typeof got === "string" ? got : (JSON.stringify(got) ?? "nothing");
      evidence.push({ command, expectation, got: shorten(text), ok });
    },
  };
}

function shorten(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}
