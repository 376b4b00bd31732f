/** What a span says of a request before it is answered. */
export type TracedRequest = Readonly<{
  method: string;
  /** The pattern of its path; null where there is none. */
  route: string | null;
  /** The header `traceparent`, by which a client continues its own trace. */
  traceparent: string | null;
}>;

/** What a span says of the answer. */
export type TracedAnswer = Readonly<{ status: number; runId: string | null; requestId: string }>;

/** Spans of requests. The spans that DBOS makes of the run that a request starts, and of its steps, are below them. */
export type Tracing = Readonly<{
  /** Runs `work` in a span; `work` calls `describe` when the answer is known. */
  traceRequest<Result>(
    request: TracedRequest,
    work: (describe: (answer: TracedAnswer) => void) => Promise<Result>,
  ): Promise<Result>;
  /** Sends the spans that have ended, and gives up soon when the collector does not answer. */
  close(): Promise<void>;
}>;

const ignore = () => undefined;

export const NO_TRACING: Tracing = {
  traceRequest: (_request, work) => work(ignore),
  close: async () => undefined,
};
