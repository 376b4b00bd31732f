import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { buffer } from "node:stream/consumers";
import { isRunFailureCode, RunFailure, type RunFailureCode } from "../failure.ts";
import { within } from "../time-limit.ts";
import { type Derivation, type Derived, type DerivedFacts, derive } from "./derivation.ts";
import { decodeFrame, encodeFrame } from "./derivation-frame.ts";

/** The subcommand of this program that is the other side of it. */
export const DERIVE = "derive-for-another-process";

export type DeriveApart = (derivation: Derivation, inputs: readonly Uint8Array[]) => Promise<Derived>;

/** Ten times what the largest document takes. What takes longer is refused, for it would take as long again. */
const TIMEOUT_MS = 300_000;

type Outcome = Readonly<{ sha256: string; facts: DerivedFacts }> | Readonly<{ refused: RunFailureCode }>;

/** Each takes a core, and memory by the size of its document; a second one lets smaller documents pass a large one. */
const AT_ONCE = 2;

/**
 * Derives in a process of its own, so that this one goes on answering, and what a large document takes of memory is given back
 * when it is done. Those that come when all lanes are taken wait for their turn.
 */
export function deriveApart(command: readonly string[]): DeriveApart {
  const waiting: (() => void)[] = [];
  let free = AT_ONCE;
  return async (derivation, inputs) => {
    if (free === 0) await new Promise<void>((go) => waiting.push(go));
    else free -= 1;
    try {
      return await deriveIn(command, derivation, inputs);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

async function deriveIn(
  [file = "", ...args]: readonly string[],
  derivation: Derivation,
  inputs: readonly Uint8Array[],
): Promise<Derived> {
  // In a group of its own: what a terminal tells this program is not for the other to act on.
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const leave = () => child.kill("SIGKILL");
  process.once("exit", leave);
  try {
    giveWay(child.pid);
    const { promise: failed, reject } = Promise.withResolvers<never>();
    failed.catch(() => undefined);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code !== 0) reject(new Error(`the process that derives ended by ${signal ?? `exit code ${code}`}`));
    });
    // Whoever ends early is told of by what it leaves unsaid.
    child.stdin.on("error", () => undefined);
    for (const part of encodeFrame({ header: derivation, parts: inputs })) child.stdin.write(part);
    child.stdin.end();
    const answer = Promise.race([buffer(child.stdout), failed]);
    const late = () => new RunFailure("FAILED_DOCUMENT", { cause: new Error("it took too long") });
    return outcomeOf(await within(TIMEOUT_MS, answer, late));
  } finally {
    process.off("exit", leave);
    leave();
  }
}

function outcomeOf(answer: Buffer): Derived {
  const { header, parts } = decodeFrame<Outcome>(answer);
  if ("refused" in header) throw new RunFailure(header.refused);
  return { ...header, bytes: parts[0] ?? new Uint8Array() };
}

/** Requests come first. */
function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, which its silence will say.
  }
}

/** The other side: what a process that derives for another does with what it is handed. */
export async function answerDerivation(request: Buffer): Promise<readonly Uint8Array[]> {
  const { header, parts } = decodeFrame<Derivation>(request);
  try {
    const { bytes, sha256, facts } = await derive(header, parts);
    return encodeFrame<Outcome>({ header: { sha256, facts }, parts: [bytes] });
  } catch (error) {
    if (!(error instanceof RunFailure) || !isRunFailureCode(error.code)) throw error;
    return encodeFrame<Outcome>({ header: { refused: error.code }, parts: [] });
  }
}
