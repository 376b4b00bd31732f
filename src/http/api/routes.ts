import { Elysia } from "elysia";
import { Failure } from "../../failure.ts";
import type { FetchHandler } from "../listener.ts";
import { failureReply } from "../reply.ts";
import { downloadArtifact, listArtifacts, showArtifact } from "./artifacts.ts";
import { showBundle } from "./bundles.ts";
import { listCommands } from "./commands.ts";
import { showHealth } from "./health.ts";
import { cancelRun, exportRun, forkRun, listEvents, listRuns, resumeRun, showRun, startRun } from "./runs.ts";
import type { Services } from "./services.ts";

/** The API's table of contents. Bodies are read by the handlers, within a limit, so Elysia parses none. */
export function apiServer(services: Services): FetchHandler {
  const app = new Elysia({ normalize: false, strictPath: true })
    .onError(({ error, request }) =>
      replyToError(services, request, error, () => allowedMethods(app, request)),
    )

    .get("/healthz", () => showHealth(services))

    .post("/runs", ({ request }) => startRun(services, request), { parse: "none" })
    .get("/runs", ({ request }) => listRuns(services, request))
    .get("/runs/:id", ({ params }) => showRun(services, params.id))
    .get("/runs/:id/export", ({ params }) => exportRun(services, params.id))
    .get("/runs/:id/bundle", ({ params }) => showBundle(services, params.id))
    .get("/runs/:id/events", ({ params }) => listEvents(services, params.id))
    .post("/runs/:id/cancel", ({ params, request }) => cancelRun(services, params.id, request), {
      parse: "none",
    })
    .post("/runs/:id/resume", ({ params, request }) => resumeRun(services, params.id, request), {
      parse: "none",
    })
    .post("/runs/:id/fork", ({ params, request }) => forkRun(services, params.id, request), { parse: "none" })

    .get("/commands", ({ request }) => listCommands(services, request))

    .get("/artifacts", ({ request }) => listArtifacts(services, request))
    .get("/artifacts/:id", ({ params, request }) => showArtifact(services, params.id, request))
    .get("/artifacts/:id/download", ({ params, request }) => downloadArtifact(services, params.id, request));

  return async (request) => app.handle(request);
}

type Routes = Readonly<{ routes: readonly Readonly<{ method: string; path: string }>[] }>;

/** The methods that the address would have taken; empty when there is nothing at it. */
function allowedMethods({ routes }: Routes, request: Request): readonly string[] {
  const segments = new URL(request.url).pathname.split("/");
  const methods = routes.filter(({ path }) => matches(path.split("/"), segments)).map(({ method }) => method);
  return methods.includes("GET") ? [...methods, "HEAD"] : methods;
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part.startsWith(":") || part === segments[index])
  );
}

/** The boundary where failures are logged, once, and where what is not a Failure becomes opaque. */
function replyToError(
  { log }: Services,
  request: Request,
  error: unknown,
  methods: () => readonly string[],
): Response {
  if (isUnrouted(error)) {
    const allow = methods().join(", ");
    return failureReply(
      allow === "" ? new Failure("not_found") : new Failure("method_not_allowed", { allow }),
    );
  }
  const failure = failureOf(request, error);
  const isOurs = failure.code === "internal_error" || failure.code === "storage_unavailable";
  if (isOurs && failure.cause !== undefined) {
    log.requestFailed({ method: request.method, path: new URL(request.url).pathname, error: failure.cause });
  }
  if (failure.code === "database_unavailable") log.databaseTrouble({ error: failure.cause ?? failure });
  return failureReply(failure);
}

function failureOf(request: Request, error: unknown): Failure {
  if (error instanceof Failure) return error;
  // Who breaks off in the middle of a body has sent no whole request, and is not there to be told.
  const isBrokenOff = request.signal.aborted && error instanceof Error && error.name === "AbortError";
  return new Failure(isBrokenOff ? "invalid_request" : "internal_error", {}, { cause: error });
}

function isUnrouted(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "NOT_FOUND";
}
