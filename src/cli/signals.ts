import { existsSync, readFileSync } from "node:fs";

/** Ctrl-C reaches every program of a pipeline, and a runner may pass it on: a second signal within this time is the same one. */
const DUPLICATE_MS = 500;

/** The exit codes that a shell expects of a program that ended by these signals. */
const EXIT_CODE = { SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof EXIT_CODE;

export const STOP_SIGNALS = Object.keys(EXIT_CODE) as readonly StopSignal[];

/** Resolves with the first signal to stop. A later one ends the process at once. */
export function waitForStopSignal(): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let firstAt: number | null = null;
  for (const signal of STOP_SIGNALS) {
    if (signal === "SIGHUP" && isHangupIgnored()) continue;
    process.on(signal, () => {
      firstAt ??= performance.now();
      if (performance.now() - firstAt > DUPLICATE_MS) process.exit(exitCodeOf(signal));
      resolve(signal);
    });
  }
  return promise;
}

/** True under `nohup`, which asks to go on when the terminal closes. Node restores the default at its start; Bun does not. */
function isHangupIgnored(): boolean {
  if (!existsSync("/proc/self/status")) return false;
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${mask}`) & 1n) === 1n;
}

export function exitCodeOf(signal: StopSignal): number {
  return EXIT_CODE[signal];
}
