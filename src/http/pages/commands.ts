import { addressOf, filterEntries, pageParamEntries, readPageParams } from "../../projection/page-params.ts";
import {
  renderCommandList,
  renderFirstCommands,
  renderMoreCommands,
  renderOverview,
  renderRun,
} from "../../views/fragments.tsx";
import type { ExecutionModel, Problem, ViewerModel } from "../../views/model.ts";
import type { FormFile } from "../multipart.ts";
import type { Page } from "../reply.ts";
import type { Answer, ApiClient } from "./api-client.ts";
import { type CommandForm, readCommandForm } from "./command-form.ts";
import { noticeFragment, problemNotice, seeOther } from "./notice-reply.ts";
import { filtersOfSender, type PageRequest, senderUrl } from "./page-request.ts";
import { openRun } from "./run-state.ts";
import { createWholePage, NO_NOTICE, readCommandList } from "./whole-page.ts";

/** `GET /` and `/runs`: the command list, with no run open. */
export async function showHome(client: ApiClient, page: PageRequest): Promise<Page> {
  // Without it the page shows what it is for.
  const overview = await client.getOverview();
  const execution: ExecutionModel = { kind: "idle", overview: overview.ok ? overview.value : null };
  const viewer: ViewerModel = { kind: "empty" };
  const title = "jejakekal";
  if (page.isFragment) return { html: renderRun(title, execution, viewer, NO_NOTICE) };
  return createWholePage(client, page, { title, plane: "conversation", execution, viewer });
}

/** `GET /ui/overview`: a refresh of the overview. When it cannot be read, the page keeps what it shows. */
export async function showOverview(client: ApiClient): Promise<Page> {
  const answer = await client.getOverview();
  return answer.ok
    ? { html: renderOverview(answer.value) }
    : { html: "", status: answer.problem.status, headers: { "hx-reswap": "none" } };
}

/** `GET /ui/commands`: the command list alone. Applying a filter also updates the filters in the page's address. */
export async function showCommandList(client: ApiClient, page: PageRequest, request: Request): Promise<Page> {
  const sender = senderUrl(request);
  const currentRunId = /^\/(?:runs|artifacts)\/([^/:]+)/.exec(sender.pathname)?.[1] ?? null;
  const commandList = await readCommandList(client, { ...page, pathname: sender.pathname }, currentRunId);
  const status = commandList.kind === "problem" ? commandList.problem.status : 200;
  const part = page.query.get("part");
  if (part === "more") return { html: renderMoreCommands(commandList), status };
  if (part === "first") return { html: renderFirstCommands(commandList), status };
  const isFilter = request.headers.get("hx-trigger") === "filters";
  const address = addressOf(sender.pathname, [
    ...filterEntries(page.filters),
    ["step", sender.searchParams.get("step")],
    ["from", sender.searchParams.get("from")],
    ...pageParamEntries(page.params),
  ]);
  const headers: Record<string, string> = isFilter ? { "hx-replace-url": address } : {};
  return { html: renderCommandList(commandList), status, headers };
}

/**
 * `POST /ui/runs`: runs the command. With htmx the run opens on the page that sent it; without, the browser is redirected to
 * the run.
 */
export async function runCommand(
  client: ApiClient,
  page: PageRequest,
  request: Request,
): Promise<Page | Response> {
  const form = await readCommandForm(request, client.maxBodyBytes);
  if (form.files.length === 0 && /^\/help\s*$/.test(form.cmd.trim())) {
    return page.isFragment ? noticeFragment({ kind: "help" }) : seeOther("/ui/help");
  }
  if (form.files.length > 1) return runBatch(client, page, form);
  const answer = await startRun(client, form);
  if (!answer.ok) return problemNotice(client, page, answer.problem, form.cmd);
  const { run_id, deduplicated } = answer.value;
  const params = readPageParams(form.fields);
  const address = addressOf(`/runs/${run_id}`, [
    ...filterEntries(filtersOfSender(request)),
    ...pageParamEntries(params),
    ["deduplicated", deduplicated === true ? "1" : null],
  ]);
  if (!page.isFragment) return seeOther(address);
  const runPage: PageRequest = {
    ...page,
    params,
    query: new URL(address, "http://page.internal").searchParams,
  };
  return openRun(client, runPage, run_id, NO_NOTICE, {
    "hx-push-url": address,
    "hx-trigger": "runs-changed, command-taken",
  });
}

/** Several files, from a browser without a script: a batch, to which the browser is redirected. */
async function runBatch(
  client: ApiClient,
  page: PageRequest,
  { cmd, files, sleepMs }: CommandForm,
): Promise<Page | Response> {
  if (hasText(cmd)) return problemNotice(client, page, TEXT_AND_FILE, cmd);
  const batch = await client.createBatch();
  if (!batch.ok) return problemNotice(client, page, batch.problem);
  const { batch_id } = batch.value;
  for (const file of files) {
    const answer = await client.addDocument(batch_id, { body: documentForm(file, sleepMs) });
    // A refused document is shown by the page of the batch.
    if (!answer.ok && answer.problem.transient) return problemNotice(client, page, answer.problem);
  }
  return seeOther(`/batches/${batch_id}`);
}

function hasText(cmd: string): boolean {
  return cmd.trim() !== "" && cmd.trim() !== "/doc";
}

type StartAnswer = Answer<{ run_id: string; deduplicated?: boolean }>;

/** Sends to the API what any client of the API would send. */
async function startRun(client: ApiClient, { cmd, files, sleepMs }: CommandForm): Promise<StartAnswer> {
  const text = cmd.trim();
  const [file] = files;
  if (file !== undefined) {
    if (hasText(cmd)) return { ok: false, problem: TEXT_AND_FILE };
    return client.startRun({ body: documentForm(file, sleepMs) });
  }
  if (text === "") return { ok: false, problem: missingText("Type or paste a text, or choose a file.") };
  if (text === "/doc") return { ok: false, problem: missingText("There is no text after /doc.") };
  // A text that does not begin like a command is a document.
  const document = text.startsWith("/") ? { cmd } : { source: text };
  return client.startRun({
    body: JSON.stringify({ ...document, ...(sleepMs === "" ? {} : { sleepMs: Number(sleepMs) }) }),
    headers: { "content-type": "application/json" },
  });
}

/** A file of a form of the pages as a form for the API. */
function documentForm({ bytes, filename = "", contentType = "" }: FormFile, sleepMs: string): FormData {
  const body = new FormData();
  body.set("file", new File([new Uint8Array(bytes)], filename, { type: contentType }));
  if (sleepMs !== "") body.set("sleepMs", sleepMs);
  return body;
}

/** Answered here and not by the API, because the page has a better message for a person. */
function missingText(message: string): Problem {
  return { status: 400, code: "invalid_command", message, detail: {}, transient: false };
}

const TEXT_AND_FILE: Problem = {
  status: 400,
  code: "invalid_run_payload",
  message: "The run cannot be started: the form takes a text or a file, not both.",
  detail: {},
  transient: false,
};
