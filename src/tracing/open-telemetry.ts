import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { setGlobalErrorHandler, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { settleWithin } from "../timeout.ts";
import { VERSION } from "../version.ts";
import type { Tracing } from "./tracing.ts";

/** The attribute in which DBOS's spans have the id of the run. */
const RUN_ID = "dbos.operation.workflow_id";

const CLOSE_TIMEOUT_MS = 5_000;

/** Registers the provider by which DBOS makes its spans, and makes those of requests. */
export function exportSpans(
  endpoint: URL,
  log: Readonly<{ tracingTrouble(fact: { error: unknown }): void }>,
): Tracing {
  setGlobalErrorHandler((error) => log.tracingTrouble({ error }));
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "jejakekal", "service.version": VERSION }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: tracesUrl(endpoint) }) }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  const tracer = trace.getTracer("jejakekal", VERSION);
  return {
    traceRequest({ method, route, traceparent }, work) {
      const parent = traceparent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
      const span = tracer.startSpan(
        route === null ? method : `${method} ${route}`,
        {
          kind: SpanKind.SERVER,
          attributes: { "http.request.method": method, ...(route !== null && { "http.route": route }) },
        },
        parent,
      );
      return context
        .with(trace.setSpan(parent, span), () =>
          work(({ status, runId, requestId }) => {
            span.setAttributes({
              "http.response.status_code": status,
              "jejakekal.request_id": requestId,
              ...(runId !== null && { [RUN_ID]: runId }),
            });
            if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          }),
        )
        .finally(() => span.end());
    },
    async close() {
      await settleWithin(provider.shutdown(), CLOSE_TIMEOUT_MS);
    },
  };
}

/** As the OpenTelemetry specification forms it from `OTEL_EXPORTER_OTLP_ENDPOINT`. */
function tracesUrl(endpoint: URL): string {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`;
  return url.href;
}
