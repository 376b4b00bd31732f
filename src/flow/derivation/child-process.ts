import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { buffer } from "node:stream/consumers";
import { isRunFailureCode, RunFailure, type RunFailureCode } from "../../failure.ts";
import { withTimeout } from "../../timeout.ts";
import { type Derivation, type Derived, type DerivedFacts, derive } from "./derive.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";

/** The hidden subcommand with which this program is started as a child process of itself. */
export const DERIVE_SUBCOMMAND = "derive-in-child-process";

export type DeriveInChildProcess = (
  derivation: Derivation,
  inputs: readonly Uint8Array[],
) => Promise<Derived>;

/** Ten times what the largest document takes. A document that takes longer is refused, because a retry would take as long. */
const TIMEOUT_MS = 300_000;

/** Each process uses one core, and memory by the size of its document; a second one lets small documents pass a large one. */
const MAX_PROCESSES = 2;

type Outcome = Readonly<{ sha256: string; facts: DerivedFacts }> | Readonly<{ refused: RunFailureCode }>;

/**
 * Derives in child processes, so that this process stays responsive and the memory of a large document is freed with its process.
 * At most `MAX_PROCESSES` run at once; further derivations wait in order.
 * @param command the command line that runs this program with `DERIVE_SUBCOMMAND`
 */
export function createChildProcessDeriver(command: readonly string[]): DeriveInChildProcess {
  const waiting: (() => void)[] = [];
  let freeSlots = MAX_PROCESSES;
  return async (derivation, inputs) => {
    if (freeSlots === 0) await new Promise<void>((start) => waiting.push(start));
    else freeSlots -= 1;
    try {
      return await deriveInChild(command, derivation, inputs);
    } finally {
      const next = waiting.shift();
      if (next === undefined) freeSlots += 1;
      else next();
    }
  };
}

async function deriveInChild(
  [file = "", ...args]: readonly string[],
  derivation: Derivation,
  inputs: readonly Uint8Array[],
): Promise<Derived> {
  // Its own process group: signals from the terminal are for this process, which decides about its children.
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  try {
    // Without file descriptors or processes Node makes a child without streams, and reports the error later.
    if (child.pid === undefined) throw (await once(child, "error"))[0];
    lowerPriority(child.pid);
    const { promise: failed, reject } = Promise.withResolvers<never>();
    failed.catch(() => undefined);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code !== 0) reject(new Error(`the derivation process ended by ${signal ?? `exit code ${code}`}`));
    });
    // A child that ends early shows in its exit code or in an incomplete answer.
    child.stdin.on("error", () => undefined);
    for (const part of encodeFrame({ header: derivation, parts: inputs })) child.stdin.write(part);
    child.stdin.end();
    const answer = Promise.race([buffer(child.stdout), failed]);
    const onTimeout = () =>
      new RunFailure("FAILED_DOCUMENT", { cause: new Error(`the derivation took over ${TIMEOUT_MS} ms`) });
    return readOutcome(await withTimeout(answer, TIMEOUT_MS, onTimeout));
  } finally {
    process.off("exit", kill);
    kill();
  }
}

function readOutcome(answer: Buffer): Derived {
  const { header, parts } = decodeFrame<Outcome>(answer);
  if ("refused" in header) throw new RunFailure(header.refused);
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

/** The work of the child process: derives what the request describes, and returns the answer in parts. */
export async function answerDerivationRequest(request: Buffer): Promise<readonly Uint8Array[]> {
  const { header, parts } = decodeFrame<Derivation>(request);
  try {
    const { bytes, sha256, facts } = await derive(header, parts);
    return encodeFrame<Outcome>({ header: { sha256, facts }, parts: [bytes] });
  } catch (error) {
    if (!(error instanceof RunFailure) || !isRunFailureCode(error.code)) throw error;
    return encodeFrame<Outcome>({ header: { refused: error.code }, parts: [] });
  }
}
