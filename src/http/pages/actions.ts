import { addressOf, filterEntries, pageParamEntries, readPageParams } from "../../projection/page-params.ts";
import { renderNotice, renderRun } from "../../views/fragments.tsx";
import type { CommandFilters, NoticeModel, Problem } from "../../views/model.ts";
import { readFormBody } from "../body.ts";
import { htmlReply } from "../reply.ts";
import type { Answer, Backend } from "./backend.ts";
import { type PageRequest, pageOfFragment, readFilters } from "./page-request.ts";
import { memoOf, readExecution, showProblem, showRun, startWatch, titleOf } from "./show.ts";

/** What the command box sends: text, or a file, and how long the run is to sleep. */
type CommandForm = Readonly<{ cmd: string; file: File | null; sleepMs: string; query: URLSearchParams }>;

/**
 * `POST /ui/runs`: does what the command says. With a script the page stays and the run opens in it; without one the
 * browser is sent to the run.
 */
export async function runCommand(backend: Backend, page: PageRequest, request: Request): Promise<Response> {
  const form = await readCommandForm(request, backend.maxBodyBytes);
  if (form === null) return sayNo(backend, page, badForm("cannot be read"), "");
  if (form.file === null && /^\/help\s*$/.test(form.cmd.trim())) {
    return page.isFragment ? sayHere({ kind: "help" }) : seeOther("/ui/help");
  }
  const answer = await start(backend, form);
  if (!answer.ok) return sayNo(backend, page, answer.problem, form.cmd);
  const { run_id, deduplicated } = answer.value;
  const params = readPageParams(form.query);
  const address = addressOf(`/runs/${run_id}`, [
    ...filterEntries(filtersAround(request)),
    ...pageParamEntries(params),
    ["deduplicated", deduplicated === true ? "1" : null],
  ]);
  if (!page.isFragment) return seeOther(address);
  const asked: PageRequest = {
    ...page,
    params,
    query: new URL(address, "http://page.internal").searchParams,
  };
  return openRun(
    backend,
    asked,
    run_id,
    { kind: "none" },
    { "hx-push-url": address, "hx-trigger": "runs-changed, command-taken" },
  );
}

/** `POST /ui/runs/:id/cancel` and `/resume` */
export async function changeRun(
  backend: Backend,
  page: PageRequest,
  runId: string,
  request: Request,
  verb: "cancel" | "resume",
): Promise<Response> {
  const answer = await (verb === "cancel" ? backend.cancelRun(runId) : backend.resumeRun(runId));
  if (!answer.ok) return sayNoToRun(backend, page, runId, answer.problem);
  if (!page.isFragment) return seeOther(`/runs/${runId}`);
  return openRun(backend, watchedAs(page, request), runId, { kind: "none" }, {});
}

/** `POST /ui/runs/:id/fork`: a new run that takes over the steps before `from_step`, opened in place of its parent. */
export async function forkRun(
  backend: Backend,
  page: PageRequest,
  runId: string,
  request: Request,
): Promise<Response> {
  const form = await readCommandForm(request, 0);
  const typedStep = form?.query.get("from_step") ?? "";
  const fromStep = /^\d{1,9}$/.test(typedStep) ? Number(typedStep) : Number.NaN;
  const answer = await backend.forkRun(runId, fromStep);
  if (!answer.ok) return sayNoToRun(backend, page, runId, answer.problem);
  const asked = watchedAs(page, request);
  const address = addressOf(`/runs/${answer.value.run_id}`, [
    ...filterEntries(filtersAround(request)),
    ...pageParamEntries(asked.params),
  ]);
  if (!page.isFragment) return seeOther(address);
  const said = { kind: "said", text: `Forked from step ${fromStep} of ${runId}.` } as const;
  return openRun(backend, asked, answer.value.run_id, said, { "hx-push-url": address });
}

/** A change asked for from a page leaves the page's own way of watching as it was. */
function watchedAs(page: PageRequest, request: Request): PageRequest {
  return { ...page, params: readPageParams(pageOfFragment(request).searchParams) };
}

/** The filters of the command list on the page that sent the request: they stay in the new address. */
function filtersAround(request: Request): CommandFilters {
  return readFilters(pageOfFragment(request).searchParams);
}

/** `GET /ui/runs/:id/export`: writes the bundle and says where. */
export async function exportRun(backend: Backend, page: PageRequest, runId: string): Promise<Response> {
  const answer = await backend.exportRun(runId);
  const notice: NoticeModel = answer.ok
    ? { kind: "said", text: `Exported to ${answer.value.run_bundle_path}` }
    : { kind: "problem", problem: answer.problem };
  if (page.isFragment) return sayHere(notice, answer.ok ? 200 : answer.problem.status);
  return answer.ok ? seeOther(`/runs/${runId}`) : sayNoToRun(backend, page, runId, answer.problem);
}

async function openRun(
  backend: Backend,
  page: PageRequest,
  runId: string,
  notice: NoticeModel,
  headers: Record<string, string>,
): Promise<Response> {
  const execution = await readExecution(backend, page, runId, startWatch());
  const viewer = await memoOf(backend, page, execution);
  const said: NoticeModel =
    execution.kind === "run" && execution.deduplicated
      ? { kind: "said", text: "This request was sent before. This is its run; no step ran twice." }
      : notice;
  return htmlReply(renderRun(titleOf(runId), execution, viewer, said), 200, {
    "hx-trigger": "runs-changed",
    ...headers,
  });
}

/** To a page that stands: what is said goes to its notice, and what was asked for leaves its place as it is. */
function sayHere(notice: NoticeModel, status = 200): Response {
  return htmlReply(renderNotice(notice), status, { "hx-reswap": "none" });
}

/** What was asked of a run and refused, beside the run as it is. */
function sayNoToRun(
  backend: Backend,
  page: PageRequest,
  runId: string,
  problem: Problem,
): Promise<Response> | Response {
  const notice: NoticeModel = { kind: "problem", problem };
  if (page.isFragment) return sayHere(notice, problem.status);
  const asked = { ...page, pathname: `/runs/${runId}` };
  return showRun(backend, asked, runId, { notice, status: problem.status });
}

/** What went wrong, beside what the page shows. */
export async function sayNo(
  backend: Backend,
  page: PageRequest,
  problem: Problem,
  typed: string,
): Promise<Response> {
  const notice: NoticeModel = { kind: "problem", problem };
  if (page.isFragment) return sayHere(notice, problem.status);
  return showProblem(backend, page, problem, { typed, notice });
}

/** Sends to the API what a client of the API would send. */
async function start(
  backend: Backend,
  { cmd, file, sleepMs }: CommandForm,
): Promise<Answer<{ run_id: string; deduplicated?: boolean }>> {
  if (file !== null) {
    if (!/^(\/doc)?$/.test(cmd.trim()))
      return { ok: false, problem: badForm("takes a text or a file, not both") };
    const body = new FormData();
    body.set("file", file);
    if (sleepMs !== "") body.set("sleepMs", sleepMs);
    return backend.startRun({ body });
  }
  const said = cmd.trim();
  if (said === "") return { ok: false, problem: noText("Type /doc and a text, or choose a file.") };
  if (said === "/doc") return { ok: false, problem: noText("There is no text after /doc.") };
  return backend.startRun({
    body: JSON.stringify({ cmd, ...(sleepMs === "" ? {} : { sleepMs: Number(sleepMs) }) }),
    headers: { "content-type": "application/json" },
  });
}

async function readCommandForm(request: Request, maxBodyBytes: number): Promise<CommandForm | null> {
  const bytes = await readFormBody(request, maxBodyBytes);
  const contentType = request.headers.get("content-type") ?? "";
  try {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { "content-type": contentType },
    }).formData();
    const text = (name: string) => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    const file = form.get("file");
    const query = new URLSearchParams(
      [...form].flatMap(([name, value]) =>
        typeof value === "string" && name !== "cmd" ? [[name, value]] : [],
      ),
    );
    // Forms send line ends as CRLF, whatever was typed; the text is taken as it was typed.
    const cmd = text("cmd").replaceAll("\r\n", "\n");
    const isFile = file instanceof File && (file.size > 0 || file.name !== "");
    return { cmd, file: isFile ? file : null, sleepMs: text("sleepMs").trim(), query };
  } catch {
    return null;
  }
}

/** There is no need to ask the API, whose words are for any command that cannot be run. */
function noText(message: string): Problem {
  return { status: 400, code: "invalid_command", message, detail: {}, transient: false };
}

function badForm(reason: string): Problem {
  return {
    status: 400,
    code: "invalid_run_payload",
    message: `The run cannot be started: the form ${reason}.`,
    detail: {},
    transient: false,
  };
}

function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } });
}
