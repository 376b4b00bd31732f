import { subjectOfRun } from "../../projection/run-words.ts";
import { renderPage } from "../../views/fragments.tsx";
import type {
  CommandListModel,
  ConversationModel,
  ExecutionModel,
  NoticeModel,
  PageModel,
  Problem,
} from "../../views/model.ts";
import type { Page } from "../reply.ts";
import type { ApiClient } from "./api-client.ts";
import { ASSET_URLS } from "./assets.ts";
import type { PageRequest } from "./page-request.ts";

export const NO_NOTICE: NoticeModel = { kind: "none" };

/** What differs from page to page; `typed` is the text in the command box. */
export type PageContent = Pick<PageModel, "title" | "plane" | "execution" | "viewer"> &
  Partial<Pick<PageModel, "notice"> & Pick<ConversationModel, "typed"> & { status: number }>;

/** The three planes, with the command list read from the API. */
export async function createWholePage(
  client: ApiClient,
  { filters, params, pathname: address }: PageRequest,
  { status = 200, typed = "", notice = NO_NOTICE, ...rest }: PageContent,
): Promise<Page> {
  const currentRunId = rest.execution.kind === "run" ? rest.execution.run.run_id : null;
  // The list's own links and filters lead to the home page from pages whose address takes other parameters.
  const pathname = address === "/artifacts" || address.startsWith("/ui/") ? "/" : address;
  const commandList = await readCommandList(client, { filters, params, pathname }, currentRunId);
  const { maxBodyBytes, hasOcr, hasSession, bundle } = client;
  const isReadOnly = bundle !== null;
  const conversation: ConversationModel = {
    typed,
    commandList,
    filters,
    pathname,
    params,
    isReadOnly,
    hasOcr,
  };
  const page = { ...rest, notice, conversation, assets: ASSET_URLS, maxBodyBytes, hasSession, bundle };
  return { html: renderPage(page), status };
}

/** A page that shows a problem in the execution plane, or as its notice where `notice` is given. */
export function createProblemPage(
  client: ApiClient,
  page: PageRequest,
  problem: Problem,
  shown: Pick<PageContent, "typed" | "notice"> = {},
): Promise<Page> {
  const inPlane = shown.notice === undefined;
  return createWholePage(client, page, {
    title: titleOf(problem.code),
    plane: inPlane ? "execution" : "conversation",
    execution: inPlane ? { kind: "problem", problem, runId: null, poll: null } : { kind: "idle" },
    viewer: { kind: "empty" },
    status: problem.status,
    ...shown,
  });
}

export function titleOf(subject: string): string {
  return `${subject} · jejakekal`;
}

export function titleOfExecution(execution: ExecutionModel, runId: string): string {
  return titleOf(execution.kind === "run" ? subjectOfRun(execution.run) : runId);
}

export async function readCommandList(
  client: ApiClient,
  { filters, params, pathname }: Pick<PageRequest, "filters" | "params" | "pathname">,
  currentRunId: string | null,
): Promise<CommandListModel> {
  const answer = await client.listCommands(filters);
  const shared = { filters, params, pathname };
  return answer.ok
    ? { ...shared, kind: "list", list: answer.value, nowEpochMs: Date.now(), currentRunId }
    : { ...shared, kind: "problem", problem: answer.problem };
}
