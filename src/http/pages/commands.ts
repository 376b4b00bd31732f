import { addressOf, filterEntries, pageParamEntries, readPageParams } from "../../projection/page-params.ts";
import {
  renderCommandList,
  renderFirstCommands,
  renderMoreCommands,
  renderRun,
} from "../../views/fragments.tsx";
import type { ExecutionModel, Problem, ViewerModel } from "../../views/model.ts";
import type { Page } from "../reply.ts";
import type { Answer, ApiClient } from "./api-client.ts";
import { type CommandForm, readCommandForm } from "./command-form.ts";
import { noticeFragment, problemNotice, seeOther } from "./notice-reply.ts";
import { filtersOfSender, type PageRequest, senderUrl } from "./page-request.ts";
import { openRun } from "./run-state.ts";
import { createWholePage, NO_NOTICE, readCommandList } from "./whole-page.ts";

/** `GET /` and `/runs`: the command list, with no run open. */
export async function showHome(client: ApiClient, page: PageRequest): Promise<Page> {
  const execution: ExecutionModel = { kind: "idle" };
  const viewer: ViewerModel = { kind: "empty" };
  const title = "jejakekal";
  if (page.isFragment) return { html: renderRun(title, execution, viewer, NO_NOTICE) };
  return createWholePage(client, page, { title, plane: "conversation", execution, viewer });
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
  if (form === null) return problemNotice(client, page, invalidForm("cannot be read"));
  if (form.file === null && /^\/help\s*$/.test(form.cmd.trim())) {
    return page.isFragment ? noticeFragment({ kind: "help" }) : seeOther("/ui/help");
  }
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

type StartAnswer = Answer<{ run_id: string; deduplicated?: boolean }>;

/** Sends to the API what any client of the API would send. */
async function startRun(client: ApiClient, { cmd, file, sleepMs }: CommandForm): Promise<StartAnswer> {
  const text = cmd.trim();
  if (file !== null) {
    if (text !== "" && text !== "/doc") {
      return { ok: false, problem: invalidForm("takes a text or a file, not both") };
    }
    const body = new FormData();
    body.set("file", file);
    if (sleepMs !== "") body.set("sleepMs", sleepMs);
    return client.startRun({ body });
  }
  if (text === "") return { ok: false, problem: missingText("Type /doc and a text, or choose a file.") };
  if (text === "/doc") return { ok: false, problem: missingText("There is no text after /doc.") };
  return client.startRun({
    body: JSON.stringify({ cmd, ...(sleepMs === "" ? {} : { sleepMs: Number(sleepMs) }) }),
    headers: { "content-type": "application/json" },
  });
}

/** Answered here and not by the API, because the page has a better message for a person. */
function missingText(message: string): Problem {
  return { status: 400, code: "invalid_command", message, detail: {}, transient: false };
}

function invalidForm(reason: string): Problem {
  return {
    status: 400,
    code: "invalid_run_payload",
    message: `The run cannot be started: the form ${reason}.`,
    detail: {},
    transient: false,
  };
}
