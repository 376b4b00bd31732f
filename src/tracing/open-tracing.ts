import { NO_TRACING, type Tracing } from "./tracing.ts";

/**
 * Has spans exported to an OpenTelemetry collector. To be called before the launch of DBOS, which then makes spans too.
 * @param endpoint base URL of the collector; undefined: no spans, and nothing of OpenTelemetry's SDK is loaded
 */
export async function openTracing(
  endpoint: URL | undefined,
  log: Readonly<{ tracingTrouble(fact: { error: unknown }): void }>,
): Promise<Tracing> {
  if (endpoint === undefined) return NO_TRACING;
  const { exportSpans } = await import("./open-telemetry.ts");
  return exportSpans(endpoint, log);
}
