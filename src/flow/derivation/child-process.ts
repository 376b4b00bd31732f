import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import type { Readable, Writable } from "node:stream";
import { isRunFailureCode, RunFailure, type RunFailureCode } from "../../failure.ts";
import { withTimeout } from "../../timeout.ts";
import { type Derivation, type Derived, type DerivedFacts, derive } from "./derive.ts";
import { encodeFrame, type Frame, readFrames } from "./frame.ts";
import { readResidentBytes, watchMemory } from "./memory-watch.ts";

/** The hidden subcommand with which this program is started as a child process of itself. */
export const DERIVE_SUBCOMMAND = "derive-in-child-process";

type Outcome = Readonly<{ sha256: string; facts: DerivedFacts }> | Readonly<{ refused: RunFailureCode }>;

/** What one derivation may take. `maxBytes` is the resident memory of its process. */
export type DerivationLimits = Readonly<{ timeoutMs: number; maxBytes: number }>;

/** A child process that derives one artifact after the other. */
export type DerivingProcess = Readonly<{
  /**
   * @throws RunFailure for a document that the readers refuse; `FAILED_DOCUMENT` for one that takes longer than `timeoutMs`, and
   * `FAILED_TOO_LARGE` for one that takes more than `maxBytes`
   */
  derive(derivation: Derivation, inputs: readonly Uint8Array[], limits: DerivationLimits): Promise<Derived>;
  /** Whether the process has ended or failed; it derives nothing more. */
  hasEnded(): boolean;
  /** Its resident memory, of which an earlier document may have left a part. */
  readResidentBytes(): Promise<number>;
  kill(): void;
}>;

/**
 * Starts a process for derivations.
 * @param command the command line that runs this program with `DERIVE_SUBCOMMAND`
 * @throws Error when the process cannot be started
 */
export async function startDerivingProcess([
  file = "",
  ...args
]: readonly string[]): Promise<DerivingProcess> {
  // Its own process group: signals from the terminal are for this process, which decides about its children.
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  // Without file descriptors or processes Node makes a child without streams, and reports the error later.
  if (child.pid === undefined) throw (await once(child, "error"))[0];
  const { pid } = child;
  lowerPriority(pid);
  const failed = whenFailed(child);
  const answers = readFrames<Outcome>(child.stdout);
  let hasEnded = false;
  const kill = () => {
    hasEnded = true;
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  child.once("exit", () => {
    hasEnded = true;
    process.off("exit", kill);
  });
  return {
    hasEnded: () => hasEnded,
    kill,
    readResidentBytes: () => readResidentBytes(pid),
    async derive(derivation, inputs, { timeoutMs, maxBytes }) {
      for (const part of encodeFrame({ header: derivation, parts: inputs })) child.stdin.write(part);
      const onTimeout = () =>
        new RunFailure("FAILED_DOCUMENT", { cause: new Error(`the derivation took over ${timeoutMs} ms`) });
      const memory = watchMemory(
        pid,
        maxBytes,
        () =>
          new RunFailure("FAILED_TOO_LARGE", {
            cause: new Error(`the derivation took over ${maxBytes} bytes`),
          }),
      );
      try {
        const answer = Promise.race([answers.next(), failed, memory.exceeded]);
        const { value, done } = await withTimeout(answer, timeoutMs, onTimeout);
        if (done) throw new Error("the derivation process ended without an answer");
        return readOutcome(value);
      } catch (error) {
        // What it would still answer belongs to this derivation. A refused document is an answer.
        if (!(error instanceof RefusedDocument)) kill();
        throw error instanceof RefusedDocument ? error.failure : error;
      } finally {
        memory.stop();
      }
    },
  };
}

/** Rejects when the process cannot run or ends. */
function whenFailed(child: ChildProcessByStdio<Writable, Readable, null>): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  child.once("error", reject);
  child.once("exit", (code, signal) => {
    reject(new Error(`the derivation process ended by ${signal ?? `exit code ${code}`}`));
  });
  // A child that ends early shows in its exit code or in an incomplete answer.
  child.stdin.on("error", () => undefined);
  return promise;
}

class RefusedDocument extends Error {
  readonly failure: RunFailure;

  constructor(code: RunFailureCode) {
    super(code);
    this.failure = new RunFailure(code);
  }
}

function readOutcome({ header, parts }: Frame<Outcome>): Derived {
  if ("refused" in header) throw new RefusedDocument(header.refused);
  return { ...header, bytes: parts[0] ?? new Uint8Array() };
}

/** Requests have priority over derivations. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The child has ended already, which its exit code shows.
  }
}

/** The work of the child process: answers one request after the other until its standard input ends. */
export async function answerDerivationRequests(
  requests: AsyncIterable<Buffer>,
  answers: Writable,
): Promise<void> {
  for await (const request of readFrames<Derivation>(requests)) {
    for (const part of await answerRequest(request)) {
      if (!answers.write(part)) await once(answers, "drain");
    }
  }
}

async function answerRequest({ header, parts }: Frame<Derivation>): Promise<readonly Uint8Array[]> {
  try {
    const { bytes, sha256, facts } = await derive(header, parts);
    return encodeFrame<Outcome>({ header: { sha256, facts }, parts: [bytes] });
  } catch (error) {
    if (!(error instanceof RunFailure) || !isRunFailureCode(error.code)) throw error;
    return encodeFrame<Outcome>({ header: { refused: error.code }, parts: [] });
  }
}
