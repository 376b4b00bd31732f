import { html } from "@elysiajs/html";
import { Elysia } from "elysia";
import { Failure } from "../../failure.ts";
import { HTML_TYPE, type ListenerName, type Page, pageHeaders, prefersHtml } from "../reply.ts";
import { OPEN, OPERATE, READ, RUN } from "../route-table.ts";
import { type ApiClient, citationPathOf } from "./api-client.ts";
import { showArtifact, showArtifactJson, showArtifacts } from "./artifacts.ts";
import { showAsset } from "./assets.ts";
import { showBatch, showBatchJson } from "./batches.ts";
import { changeRuns } from "./bulk-change.ts";
import { runCommand, showCommandList, showHome, showOverview } from "./commands.ts";
import { showCompare, showDiff } from "./compare.ts";
import { showGallery } from "./gallery.ts";
import { showHelp } from "./help.ts";
import { type PageRequest, readPageRequest } from "./page-request.ts";
import { decideOnPage, showOpenReviews, showReviewPage } from "./reviews.ts";
import { showRunList } from "./run-list.ts";
import {
  askForReason,
  changeRun,
  downloadBundle,
  exportRun,
  forkRun,
  showAttachments,
  showCitation,
  showMemo,
  showPoll,
  showRun,
  showRunJson,
} from "./runs.ts";
import { showSearch } from "./search.ts";
import { showSignIn, signIn, signOut } from "./sign-in.ts";

type ShowPage = (client: ApiClient, page: PageRequest, id: string) => Promise<Page>;

/** Addresses of the API that also have a page. `prefersHtml` decides which of the two a request gets. */
export const SHARED_ROUTES: Readonly<Record<string, ShowPage>> = {
  "/": showHome,
  "/runs": showRunList,
  "/runs/:id": showRun,
  "/runs/:id/diff/:other": showDiff,
  "/review": showReviewPage,
  "/search": showSearch,
  "/batches/:id": showBatch,
  "/runs/:id/citations/:citation": showCitation,
  "/artifacts": showArtifacts,
  "/artifacts/:id": showArtifact,
};

/**
 * The pages, as a plugin. Use it before the plugin that has the routes of the API, because its hook applies to the routes
 * that come after it.
 */
export function pageRoutes(clientOf: (request: Request) => ApiClient, listener: ListenerName) {
  return (
    new Elysia({ name: "pages" })
      // Auto-detection would send any text that looks like markup as HTML, that of a document included.
      .use(html({ autoDetect: false, autoDoctype: false, contentType: HTML_TYPE }))
      .onBeforeHandle({ as: "global" }, async ({ route, params, request, set, html }) => {
        const show = SHARED_ROUTES[route];
        if (show === undefined || request.method !== "GET" || !prefersHtml(request.headers, listener)) return;
        const page = await show(clientOf(request), readPageRequest(request), idOf(params));
        return html(applyPage(set, page));
      })
      .derive(({ request, set, html }) => ({
        client: clientOf(request),
        page: readPageRequest(request),
        send: (page: Page | Response) => (page instanceof Response ? page : html(applyPage(set, page))),
      }))

      .get(
        "/",
        () => {
          throw new Failure("not_found");
        },
        READ,
      )

      .get("/ui/review/count", async ({ client, send }) => send(await showOpenReviews(client)), READ)
      .post(
        "/ui/review/:id",
        async ({ client, send, params, request }) => send(await decideOnPage(client, params.id, request)),
        { ...UNPARSED, ...OPERATE },
      )
      .get("/compare", async ({ client, send, page }) => send(await showCompare(client, page)), READ)
      .get("/ui/sign-in", ({ send, request }) => send(showSignIn(request)), OPEN)
      .post("/ui/sign-in", async ({ client, send, request }) => send(await signIn(client, request)), {
        ...UNPARSED,
        ...OPEN,
      })
      .post("/ui/sign-out", ({ client, request }) => signOut(client, request), { ...UNPARSED, ...OPEN })
      .get("/ui/help", ({ client, send }) => send(showHelp(client)), OPEN)
      .get("/ui/gallery", async ({ send, request }) => send(await showGallery(request)), OPEN)
      .get("/ui/assets/:name", ({ request, params }) => showAsset(request, params.name), OPEN)

      .get("/ui/overview", async ({ client, send }) => send(await showOverview(client)), READ)
      .get(
        "/ui/commands",
        async ({ client, send, page, request }) => send(await showCommandList(client, page, request)),
        READ,
      )
      .post(
        "/ui/runs",
        async ({ client, send, page, request }) => send(await runCommand(client, page, request)),
        {
          ...UNPARSED,
          ...RUN,
        },
      )

      .post(
        "/ui/runs/changes",
        async ({ client, send, request }) => send(await changeRuns(client, request)),
        {
          ...UNPARSED,
          ...OPERATE,
        },
      )

      .get("/ui/batches/:id/json", ({ client, params }) => showBatchJson(client, params.id), READ)
      .get(
        "/ui/runs/:id/poll",
        async ({ client, send, page, params, request }) =>
          send(await showPoll(client, page, params.id, request)),
        READ,
      )
      .get(
        "/ui/runs/:id/attachments",
        async ({ client, send, page, params }) => send(await showAttachments(client, page, params.id)),
        READ,
      )
      .get(
        "/ui/runs/:id/memo",
        async ({ client, send, page, params }) => send(await showMemo(client, page, params.id)),
        READ,
      )
      .get(
        "/ui/runs/:id/export",
        async ({ client, send, page, params, request }) =>
          send(await exportRun(client, page, params.id, request)),
        OPERATE,
      )
      .get(
        "/ui/runs/:id/citations/:citation/json",
        ({ client, params }) => client.fetch(citationPathOf(params.id, params.citation)),
        READ,
      )
      .get("/ui/runs/:id/json", ({ client, params }) => showRunJson(client, params.id), READ)
      .get("/ui/runs/:id/bundle", ({ client, params }) => downloadBundle(client, params.id), READ)
      .get(
        "/ui/runs/:id/cancel",
        async ({ client, send, page, params }) => send(await askForReason(client, page, params.id, "cancel")),
        OPERATE,
      )
      .get(
        "/ui/runs/:id/resume",
        async ({ client, send, page, params }) => send(await askForReason(client, page, params.id, "resume")),
        OPERATE,
      )
      .post(
        "/ui/runs/:id/cancel",
        async ({ client, send, page, params, request }) =>
          send(await changeRun(client, page, params.id, request, "cancel")),
        { ...UNPARSED, ...OPERATE },
      )
      .post(
        "/ui/runs/:id/resume",
        async ({ client, send, page, params, request }) =>
          send(await changeRun(client, page, params.id, request, "resume")),
        { ...UNPARSED, ...OPERATE },
      )
      .post(
        "/ui/runs/:id/fork",
        async ({ client, send, page, params, request }) =>
          send(await forkRun(client, page, params.id, request)),
        { ...UNPARSED, ...OPERATE },
      )

      .get("/ui/artifacts/:id/json", ({ client, params }) => showArtifactJson(client, params.id), READ)
  );
}

/** The handlers read bodies themselves, within a limit. */
const UNPARSED = { parse: "none" } as const;

type ResponseState = { status?: number | string; headers: Record<string, string | number> };

/** Sets the status and the headers of a page on Elysia's response state, and returns its HTML. */
function applyPage(set: ResponseState, page: Page): string {
  set.status = page.status ?? 200;
  Object.assign(set.headers, pageHeaders(page));
  return page.html;
}

/** Routes without an id have no parameters. */
function idOf(params: Readonly<Record<string, string | undefined>> | undefined): string {
  return params?.id ?? "";
}
