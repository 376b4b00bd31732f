/** A shell gives a terminal's Ctrl-C to every program of a pipeline, and a runner in it may hand it on: one wish, told twice. */
const ECHO_MS = 500;

const EXIT_CODE = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof EXIT_CODE;

/** Resolves with the first signal to stop. A later one does not wait: whoever sends it means now. */
export function untilSignalled(): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let firstAt: number | null = null;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      firstAt ??= performance.now();
      if (performance.now() - firstAt > ECHO_MS) process.exit(exitCodeOf(signal));
      resolve(signal);
    });
  }
  return promise;
}

/** What a shell expects of a program that ended by this signal. */
export function exitCodeOf(signal: StopSignal): number {
  return EXIT_CODE[signal];
}
