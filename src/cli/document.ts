import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { openServices } from "../app.ts";
import { retryUntilReachable } from "../database-wait.ts";
import { isReadableDocument, mediaTypeOf, readableFormatNames } from "../document/index.ts";
import { MAX_CONTENT_BYTES } from "../domain/artifact.ts";
import type { StartCommand } from "../domain/command.ts";
import { codeOf } from "../error-code.ts";
import { Failure, StartFailure } from "../failure.ts";
import type { Services } from "../http/api/services.ts";
import { createStartCommand, parseTextControls } from "../http/api/start-request/index.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { isWaitingForAttachments } from "../projection/attachment-words.ts";
import { type RunView, runViewOf } from "../projection/run-view.ts";
import { exitCodeOfBatch, listDocuments, outcomeOfBatch, runBatch, writeResults } from "./batch.ts";
import { identifyCaller } from "./caller.ts";
import { cliContext } from "./context.ts";
import { exitCodeOf, type StopSignal, waitForStopSignal } from "./signals.ts";
import { EXIT, type Exit, print, tell } from "./terminal.ts";

type Options = {
  mediaType?: string;
  filename?: string;
  sleepMs?: string;
  workflowId?: string;
  out?: string;
};

const POLL_MS = 25;

export function documentCommand(binaries: PostgresBinaries, exit: Exit): Command {
  return new Command("run")
    .description("run documents to their end and print the run, or the batch of several")
    .argument("<files...>", "files, or folders with --out, or - for standard input")
    .option("--out <folder>", "run the documents as a batch and write their results into this folder")
    .option("--media-type <type>", "the media type of the document, when its name does not tell")
    .option("--filename <name>", "the name of the document, when the file has none")
    .option("--sleep-ms <ms>", "the sleep between the first two steps, in milliseconds")
    .option(
      "--workflow-id <id>",
      "the id of the run; repeating it with the same document returns the same run",
    )
    .action(async (files: string[], options: Options) => {
      const { config, log } = cliContext(binaries);
      const limits = {
        limitBytes: Math.min(config.maxBodyBytes, MAX_CONTENT_BYTES),
        hasOcr: config.ocr.languages !== null,
      };
      const work = await prepareWork(files, options, limits);
      let stopped: StopSignal | null = null;
      void waitForStopSignal().then((signal) => {
        stopped = signal;
      });
      const services = await retryUntilReachable(() => openServices(config, binaries, log), log);
      try {
        const { token } = await identifyCaller({ config }, services.store, "run");
        const { isRunning, exitCode } = await work(services, () => stopped !== null, token ?? undefined);
        exit(stopped === null || !isRunning ? exitCode : exitCodeOf(stopped));
      } finally {
        await services.close();
      }
    });
}

type Work = (
  services: Services,
  isStopped: () => boolean,
  by: string | undefined,
) => Promise<Readonly<{ isRunning: boolean; exitCode: number }>>;

/** One document is read before the database is opened, so that a wrong file is refused at once. */
async function prepareWork(files: readonly string[], options: Options, limits: Limits): Promise<Work> {
  const [file = "-"] = files;
  const { out } = options;
  if (files.length === 1 && out === undefined) {
    const command = await readDocument(file, options, limits);
    return async (services, isStopped, by) => {
      const run = await runToEnd(services, { ...command, by }, isStopped);
      print(run);
      tell(outcomeOf(run));
      for (const line of attachmentLines(run)) tell(line);
      return { isRunning: run.status === "running", exitCode: exitCodeOfRun(run) };
    };
  }
  if (options.filename !== undefined || options.workflowId !== undefined)
    throw new StartFailure("--filename and --workflow-id are for one document without --out.");
  const documents = out === undefined ? files : await listDocuments(files);
  return async (services, isStopped, by) => {
    const batch = await runBatch(services, documents, {
      readDocument: async (path) => ({ ...(await readDocument(path, options, limits)), by }),
      isStopped,
    });
    if (out !== undefined) await writeResults(services, batch, out);
    print(batch);
    tell(outcomeOfBatch(batch));
    return { isRunning: batch.status === "running", exitCode: exitCodeOfBatch(batch) };
  };
}

/** The bytes of a document at most, and whether it may be a picture. */
type Limits = Readonly<{ limitBytes: number; hasOcr: boolean }>;

async function readDocument(
  file: string,
  options: Options,
  { limitBytes, hasOcr }: Limits,
): Promise<StartCommand> {
  const filename = options.filename ?? (file === "-" ? undefined : basename(file));
  const declared =
    options.mediaType ?? (file === "-" && filename === undefined ? "text/markdown" : undefined);
  const bytes = await readLimited(file, limitBytes);
  const mediaType = mediaTypeOf({ declared, filename, bytes });
  if (!isReadableDocument(bytes, mediaType, { hasOcr })) {
    tell(`${file} is of no format that this program reads. It reads ${readableFormatNames()}.`);
    if (isReadableDocument(bytes, mediaType, { hasOcr: true }))
      tell("Pictures are read where JEJAKEKAL_OCR is set.");
    if (declared === undefined) tell("Set --media-type, such as text/plain, if its name does not tell.");
    throw new Failure("unsupported_media_type", { media_type: mediaType });
  }
  return createStartCommand({ bytes, mediaType, filename }, parseTextControls(options));
}

async function readLimited(file: string, limitBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > limitBytes) throw new Failure("payload_too_large", { limit_bytes: limitBytes });
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const why = codeOf(error) ?? "unreadable";
    throw new StartFailure(
      why === "EISDIR"
        ? `${file} is a folder. Set --out to run its documents.`
        : `${file} cannot be read (${why}).`,
      {
        cause: error,
      },
    );
  }
  return Buffer.concat(chunks, length);
}

function exitCodeOfRun({ status }: RunView): number {
  return status === "done" ? EXIT.ok : EXIT.runFailed;
}

function outcomeOf({ run_id, status, dbos_status, header }: RunView): string {
  if (status === "done") return "done";
  if (status === "running")
    return `Stopped. Run ${run_id} is durable: the next serve, api or run continues it.`;
  const { code, message } = header.error ?? { code: dbos_status, message: "" };
  return `The run ended in error: ${code}. ${message}`.trimEnd();
}

/** One line for each attachment of a mail that the run names. */
function attachmentLines({ header: { attachments } }: RunView): readonly string[] {
  return (attachments?.list ?? []).map(({ n, run_id, filename, status, reason }) => {
    const name = `  attachment ${n} ${filename ?? "without a name"}`;
    return run_id === null ? `${name}: no run (${reason})` : `${name}: run ${run_id} ${status ?? "unknown"}`;
  });
}

/**
 * Reports each step when DBOS has recorded it. Returns the run when it and the runs of its attachments have ended, or when `isStopped()`
 * is true.
 */
async function runToEnd(
  { kernel, store }: Services,
  command: StartCommand,
  isStopped: () => boolean,
): Promise<RunView> {
  const { runId } = await kernel.startRun(command);
  tell(`run ${runId}`);
  let reported = 0;
  for (;;) {
    const record = await store.findRun(runId);
    if (record === null) throw new Failure("run_not_found", { run_id: runId });
    const view = runViewOf(record);
    for (const { function_id, function_name, duration_ms } of view.timeline.slice(reported)) {
      tell(`  ${function_id} ${function_name.padEnd(12)} ${duration_ms ?? "?"} ms`);
      reported += 1;
    }
    const isRunning = view.status === "running" || isWaitingForAttachments(view);
    if (!isRunning || isStopped()) return view;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
