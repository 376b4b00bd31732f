import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority, tmpdir } from "node:os";
import type { Writable } from "node:stream";
import { isRunFailureCode, RunFailure, type RunFailureCode } from "../../failure.ts";
import { beforeFailure } from "./before-failure.ts";
import {
  type ArtifactSink,
  type Derivation,
  type Derived,
  type DerivedFacts,
  derivationAfter,
  deriveChain,
  type OcrSource,
} from "./derive.ts";
import { encodeFrame, type Frame, type OutgoingFrame, readFrames } from "./frame.ts";
import { watchMemory } from "./memory-watch.ts";
import { readResidentBytes } from "./process-usage.ts";
import { withProcessorTimeout } from "./processor-timeout.ts";
import { releaseMemory, releaseMemorySoon } from "./release-memory.ts";
import { type Content, isSpooled, Spool } from "./spool.ts";
import { createSpoolSinks, SPOOL_FD, type SunkBytes } from "./spool-sink.ts";

/** The hidden subcommand with which this program is started as a child process of itself. */
export const DERIVE_SUBCOMMAND = "derive-in-child-process";

/** `spooled`: the bytes are in the spool, and in no part of the frame. */
type Outcome =
  | Readonly<{
      sha256: string;
      facts: DerivedFacts;
      spooled?: Readonly<{ start: number; length: number }>;
    }>
  | Readonly<{ refused: RunFailureCode }>;

/** What one derivation may take: processor time of its process, and its resident memory. */
export type DerivationLimits = Readonly<{ timeoutMs: number; maxBytes: number }>;

/** A derived artifact, and the artifact that the same process derives next from it. */
export type DerivedLink = Readonly<{ derived: Derived<Content>; next: NextLink | null }>;

/** `cancel` ends the process, and with it the derivation. */
export type NextLink = Readonly<{ derivation: Derivation; link: Promise<DerivedLink>; cancel(): void }>;

/** A derivation, and those that a run makes after it. */
export type DerivationChain = Readonly<{
  /**
   * @throws RunFailure for a document that the readers refuse; `FAILED_DOCUMENT` for one that takes more processor time than `timeoutMs`, and
   * `FAILED_TOO_LARGE` for one that takes more than `maxBytes`
   */
  first: Promise<DerivedLink>;
  /** Resolves when the process derives nothing more of the chain. */
  whenEnded: Promise<void>;
}>;

export type ProcessEnvironment = Readonly<Record<string, string | undefined>>;

/** A child process that derives one document after the other. */
export type DerivingProcess = Readonly<{
  /** The inputs are sent once: what is derived from them stays in the process for the derivations after it. */
  derive(derivation: Derivation, inputs: readonly Uint8Array[], limits: DerivationLimits): DerivationChain;
  /** Whether the process has ended or failed; it derives nothing more. */
  hasEnded(): boolean;
  /** Whether it has derived an artifact so large that it went through its spool. */
  hasSpooled(): boolean;
  /** Its resident memory, of which an earlier document may have left a part. */
  readResidentBytes(): Promise<number>;
  kill(): void;
}>;

/**
 * Starts a process for derivations.
 * @param command the command line that runs this program with `DERIVE_SUBCOMMAND`
 * @param environment of the process; that of this process where not given
 * @param spoolFolder where large artifacts are on their way; on a disk, because what is in memory is what they would exceed
 * @throws Error when the process cannot be started
 */
export async function startDerivingProcess(
  [file = "", ...args]: readonly string[],
  environment?: ProcessEnvironment,
  spoolFolder: string = tmpdir(),
): Promise<DerivingProcess> {
  const spool = new Spool(spoolFolder);
  const closeSpool = spool.use();
  let child: ChildProcess;
  try {
    // Its own process group: signals from the terminal are for this process, which decides about its children.
    child = spawn(file, args, {
      stdio: ["pipe", "pipe", "inherit", spool.fd],
      detached: true,
      ...(environment && { env: environment }),
    });
  } catch (error) {
    // As without memory for a process.
    closeSpool();
    throw error;
  }
  // Without file descriptors or processes Node makes a child without streams, and reports the error later.
  const { pid, stdin, stdout } = child;
  if (pid === undefined || stdin === null || stdout === null) {
    closeSpool();
    throw (await once(child, "error"))[0];
  }
  lowerPriority(pid);
  const failed = whenFailed(child);
  const answers = readFrames<Outcome>(stdout);
  let hasEnded = false;
  let hasSpooled = false;
  const kill = () => {
    hasEnded = true;
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  child.once("exit", () => {
    hasEnded = true;
    closeSpool();
    process.off("exit", kill);
  });
  return {
    hasEnded: () => hasEnded,
    hasSpooled: () => hasSpooled,
    kill,
    readResidentBytes: () => readResidentBytes(pid),
    derive(derivation, inputs, { timeoutMs, maxBytes }) {
      const request = { header: derivation, parts: inputs.map((input) => [input]) };
      sendRequest(stdin, request);
      const refuse = (code: RunFailureCode, limit: string) => () =>
        new RunFailure(code, { cause: new Error(`the derivation took over ${limit}`) });
      const memory = watchMemory(pid, maxBytes, refuse("FAILED_TOO_LARGE", `${maxBytes} bytes`));
      const readAnswer = async (): Promise<Derived<Content>> => {
        const answer = beforeFailure(answers.next(), [failed, memory.exceeded]);
        const onTimeout = refuse("FAILED_DOCUMENT", `${timeoutMs} ms of processor time`);
        const { value, done } = await withProcessorTimeout(answer, { pid, timeoutMs }, onTimeout);
        if (done) throw new Error("the derivation process ended without an answer");
        const derived = readOutcome(value, spool);
        hasSpooled ||= isSpooled(derived.bytes);
        if (derived.bytes.length > LARGE_MESSAGE_BYTES) releaseMemorySoon();
        return derived;
      };
      return readChain(derivation, {
        readAnswer,
        kill,
        onEnd: memory.stop,
      });
    },
  };
}

/** More has left much garbage behind on its way through this process. */
const LARGE_MESSAGE_BYTES = 2 ** 20;

function sendRequest(stdin: Writable, request: OutgoingFrame<Derivation>): void {
  let sent = 0;
  for (const bytes of encodeFrame(request)) {
    stdin.write(bytes);
    sent += bytes.length;
  }
  if (sent > LARGE_MESSAGE_BYTES) stdin.write("", releaseMemorySoon);
}

type ChainReader = Readonly<{ readAnswer(): Promise<Derived<Content>>; kill(): void; onEnd(): void }>;

/** Reads the answers to a request one after the other, whether or not somebody waits for them. */
function readChain(first: Derivation, { readAnswer, kill, onEnd }: ChainReader): DerivationChain {
  const ended = Promise.withResolvers<void>();
  const readLink = async (derivation: Derivation): Promise<DerivedLink> => {
    let isLast = true;
    try {
      const derived = await readAnswer();
      const after = derivationAfter(derivation, derived);
      if (after === null) return { derived, next: null };
      isLast = false;
      const link = readLink(after);
      // Nobody may ask for it.
      link.catch(() => undefined);
      return { derived, next: { derivation: after, link, cancel: kill } };
    } catch (error) {
      // What it would still answer belongs to this document. A refused document is an answer.
      if (!(error instanceof RefusedDocument)) kill();
      throw error instanceof RefusedDocument ? error.failure : error;
    } finally {
      if (isLast) {
        onEnd();
        ended.resolve();
      }
    }
  };
  return { first: readLink(first), whenEnded: ended.promise };
}

/** Rejects when the process cannot run or ends. */
function whenFailed(child: ChildProcess): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  child.once("error", reject);
  child.once("exit", (code, signal) => {
    reject(new Error(`the derivation process ended by ${signal ?? `exit code ${code}`}`));
  });
  // A child that ends early shows in its exit code or in an incomplete answer.
  child.stdin?.on("error", () => undefined);
  return promise;
}

class RefusedDocument extends Error {
  readonly failure: RunFailure;

  constructor(code: RunFailureCode) {
    super(code);
    this.failure = new RunFailure(code);
  }
}

function readOutcome({ header, parts }: Frame<Outcome>, spool: Spool): Derived<Content> {
  if ("refused" in header) throw new RefusedDocument(header.refused);
  const { spooled, ...derived } = header;
  const bytes = spooled ? spool.bytesAt(spooled.start, spooled.length) : (parts[0] ?? new Uint8Array());
  return { ...derived, bytes };
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
  ocr?: OcrSource,
): Promise<void> {
  const createSink = createSpoolSinks(SPOOL_FD);
  for await (const request of readFrames<Derivation>(requests)) {
    for await (const answer of answerRequest(request, createSink, ocr)) {
      if ((await send(answer, answers)) >= LARGE_ANSWER_BYTES) releaseMemory();
    }
  }
}

/** After a smaller one there is too little garbage to be worth the time that its collection takes. */
const LARGE_ANSWER_BYTES = 8 * 2 ** 20;

/** Returns how many bytes were sent, or are in the spool. */
async function send(answer: OutgoingFrame<Outcome>, answers: Writable): Promise<number> {
  const { header } = answer;
  let sent = "spooled" in header ? (header.spooled?.length ?? 0) : 0;
  for (const bytes of encodeFrame(answer)) {
    if (!answers.write(bytes)) await once(answers, "drain");
    sent += bytes.length;
  }
  return sent;
}

/** One answer for each derivation of the chain, up to the first that is refused. */
async function* answerRequest(
  { header: first, parts }: Frame<Derivation>,
  createSink: () => ArtifactSink<SunkBytes>,
  ocr: OcrSource | undefined,
): AsyncGenerator<OutgoingFrame<Outcome>> {
  try {
    for await (const { bytes, ...derived } of deriveChain(first, parts, createSink, { ocr })) {
      if ("pieces" in bytes) yield { header: derived, parts: [bytes.pieces] };
      else yield { header: { ...derived, ...bytes }, parts: [] };
    }
  } catch (error) {
    if (!(error instanceof RunFailure) || !isRunFailureCode(error.code)) throw error;
    yield { header: { refused: error.code }, parts: [] };
  }
}
