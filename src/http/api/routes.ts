import { Elysia } from "elysia";
import { jsonReply } from "../reply.ts";
import { ADMIN, OPEN, OPERATE, READ, RUN } from "../route-table.ts";
import { downloadArtifact, listArtifacts, showArtifact, showWindow } from "./artifacts.ts";
import { addToBatch, showBatch, startBatch } from "./batches.ts";
import { downloadBundles, downloadBundleZip, showBundle } from "./bundles.ts";
import { listCommands } from "./commands.ts";
import { showHealth } from "./health.ts";
import { showMetrics } from "./metrics.ts";
import { showOverview } from "./overview.ts";
import { reviewItem, showReviews } from "./reviews.ts";
import {
  cancelRun,
  compareWithRun,
  eraseRun,
  exportRun,
  forkRun,
  listEvents,
  listRuns,
  resumeRun,
  showCitation,
  showRun,
  startRun,
} from "./runs.ts";
import { searchChunks } from "./search.ts";
import { type ReadServices, type Services, STARTING } from "./services.ts";
import { endSession, openSession, showSession } from "./session.ts";
import { createToken, listTokens, revokeToken } from "./tokens.ts";

/** The handlers read bodies themselves, within a limit. */
const UNPARSED = { parse: "none" } as const;

/**
 * The API, as a plugin. The last argument of each route says which scope it requires. `getServices` returns null until the services
 * are up; until then all of it is a 503.
 */
export function apiRoutes(getServices: () => Services | null) {
  return new Elysia({ name: "api" })
    .get("/livez", () => jsonReply({ ok: true }), OPEN)
    .use(readRoutes(getServices))
    .use(nodeRoutes(getServices));
}

/** The routes that only read runs. They are also those over one bundle, without a database. */
export function readRoutes(getServices: () => ReadServices | null) {
  return new Elysia({ name: "api-read" })
    .resolve(() => ({ services: getUp(getServices) }))

    .get("/runs", ({ services, request }) => listRuns(services, request), READ)
    .get("/runs/:id", ({ services, params }) => showRun(services, params.id), READ)
    .get("/runs/:id/bundle", ({ services, params }) => showBundle(services, params.id), READ)
    .get("/runs/:id/bundle.zip", ({ services, params }) => downloadBundleZip(services, params.id), READ)
    .get("/bundles.zip", ({ services, request }) => downloadBundles(services, request), READ)
    .get(
      "/runs/:id/diff/:other",
      ({ services, params }) => compareWithRun(services, params.id, params.other),
      READ,
    )
    .get(
      "/runs/:id/citations/:citation",
      ({ services, params }) => showCitation(services, params.id, params.citation),
      READ,
    )
    .get(
      "/runs/:id/events",
      ({ services, params, request }) => listEvents(services, params.id, request),
      READ,
    )

    .get("/commands", ({ services, request }) => listCommands(services, request), READ)

    .get("/artifacts", ({ services, request }) => listArtifacts(services, request), READ)
    .get(
      "/artifacts/:id",
      ({ services, params, request }) => showArtifact(services, params.id, request),
      READ,
    )
    .get(
      "/artifacts/:id/window",
      ({ services, params, request }) => showWindow(services, params.id, request),
      READ,
    )
    .get(
      "/artifacts/:id/download",
      ({ services, params, request }) => downloadArtifact(services, params.id, request),
      READ,
    );
}

/** The routes that need the database: those that search, start and change runs, write bundles, and tell the health of this node. */
function nodeRoutes(getServices: () => Services | null) {
  return new Elysia({ name: "api-node" })
    .resolve(() => ({ services: getUp(getServices) }))

    .get("/healthz", ({ services }) => showHealth(services), OPEN)
    .get("/readyz", ({ services }) => showHealth(services), OPEN)
    .get("/metrics", ({ services }) => showMetrics(services), READ)

    .get("/session", ({ request }) => showSession(request), READ)
    .post("/session", ({ services, request }) => openSession(services, request), { ...UNPARSED, ...READ })
    .post("/session/end", ({ services, request }) => endSession(services, request), { ...UNPARSED, ...OPEN })

    .get("/tokens", ({ services }) => listTokens(services), ADMIN)
    .post("/tokens", ({ services, request }) => createToken(services, request), { ...UNPARSED, ...ADMIN })
    .post("/tokens/:name/revoke", ({ services, params }) => revokeToken(services, params.name), {
      ...UNPARSED,
      ...ADMIN,
    })
    .post("/batches", ({ services, request }) => startBatch(services, request), { ...UNPARSED, ...RUN })
    .get("/batches/:id", ({ services, params }) => showBatch(services, params.id), READ)
    .post(
      "/batches/:id/documents",
      ({ services, params, request }) => addToBatch(services, params.id, request),
      { ...UNPARSED, ...RUN },
    )

    .get("/overview", ({ services }) => showOverview(services), READ)
    .get("/search", ({ services, request }) => searchChunks(services, request), READ)
    .get("/review", ({ services, request }) => showReviews(services, request), READ)
    .post("/review/:id", ({ services, params, request }) => reviewItem(services, params.id, request), {
      ...UNPARSED,
      ...OPERATE,
    })

    .post("/runs", ({ services, request }) => startRun(services, request), { ...UNPARSED, ...RUN })
    .get(
      "/runs/:id/export",
      ({ services, params, request }) => exportRun(services, params.id, request),
      OPERATE,
    )
    .post("/runs/:id/cancel", ({ services, params, request }) => cancelRun(services, params.id, request), {
      ...UNPARSED,
      ...OPERATE,
    })
    .post("/runs/:id/resume", ({ services, params, request }) => resumeRun(services, params.id, request), {
      ...UNPARSED,
      ...OPERATE,
    })
    .post("/runs/:id/erase", ({ services, params, request }) => eraseRun(services, params.id, request), {
      ...UNPARSED,
      ...ADMIN,
    })
    .post("/runs/:id/fork", ({ services, params, request }) => forkRun(services, params.id, request), {
      ...UNPARSED,
      ...OPERATE,
    });
}

function getUp<Ready>(getServices: () => Ready | null): Ready {
  const services = getServices();
  if (services === null) throw STARTING;
  return services;
}
