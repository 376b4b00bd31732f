/**
 * The failure table: every code with which this program refuses a request, and every code with which a run fails.
 *
 * A code is part of the contract: it is what a client tests. The message is for people and may change. Status codes are
 * in `http/reply`. `detail` holds only what a client already knows or needs: ids, field names, limits. Never SQL, paths, stack traces or text of a document.
 */
export const FAILURES = {
  invalid_request: "The request is not well-formed HTTP.",
  request_timeout: "The request took too long to arrive.",
  headers_too_large: "The headers of the request are larger than the limit.",
  misdirected_request: "This host name is not one that this service answers to.",
  expectation_failed: "The expectation in the Expect header cannot be met; only 100-continue can.",
  range_not_satisfiable: "The range starts after the end of the content.",
  invalid_json: "The body is not valid JSON.",
  invalid_run_id: "A run id is 1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit.",
  invalid_artifact_id:
    "An artifact id is <run_id>:<type>, such as run-1:memo, with a type that this program knows.",
  invalid_batch_id: "A batch id is 1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit.",
  invalid_run_payload: "The payload is not accepted.",
  invalid_query: "A query parameter has a value that is not accepted.",
  invalid_command: "The command cannot be run. Try /doc followed by the text of a document.",
  workflow_id_payload_mismatch: "This workflowId already names a run with another payload.",
  run_not_found: "There is no run with this id.",
  artifact_not_found: "There is no artifact with this id.",
  artifact_erased: "The artifact was erased. Its hash and the history of its run are kept.",
  review_item_not_found: "There is no passage to review with this id.",
  batch_not_found: "There is no batch with this id.",
  run_not_resumable: "Only a cancelled run, or one out of recovery attempts, can be resumed.",
  run_not_cancellable: "The run has already ended.",
  run_not_erasable: "Only a run that has ended can be erased. Cancel it first, or wait for its end.",
  run_not_forkable: "A run can be forked from a step when every step before it has completed.",
  unsupported_media_type: "This media type is not accepted.",
  payload_too_large: "The body is larger than the limit.",
  cross_site_request: "A page of another site may not do this.",
  unauthenticated: "This needs a valid token: send it as Authorization: Bearer, or sign in on the page.",
  forbidden: "The token does not allow this.",
  too_many_requests: "There were too many requests. Try again later.",
  too_many_runs: "As many runs are running as may run at once. Try again later.",
  token_exists: "There is or was a token of this name. Choose another one.",
  token_not_found: "There is no token of this name.",
  not_found: "There is nothing at this address.",
  method_not_allowed: "This address does not take this method.",
  database_unavailable: "The database does not answer. Try again shortly.",
  api_unavailable: "The API does not answer. Is it running?",
  storage_unavailable: "There is no room to store this at the moment. Make room, or try again shortly.",
  internal_error: "An internal error occurred. The log has the details.",
} as const satisfies Record<string, string>;

export type FailureCode = keyof typeof FAILURES;

export type FailureDetail = Readonly<Record<string, string | number | readonly string[]>>;

/** An expected refusal, with what the client may know (`detail`) and what only the log may (`cause`). */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly detail: FailureDetail;

  constructor(code: FailureCode, detail: FailureDetail = {}, options?: { cause?: unknown }) {
    super(FAILURES[code], options);
    this.name = "Failure";
    this.code = code;
    this.detail = detail;
  }
}

/** The program cannot start or continue. `message` is one line that says what is wrong and what to do. */
export class StartFailure extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "StartFailure";
  }
}

/** The codes with which a run ends in error, and messages that may be shown. */
export const RUN_FAILURES = {
  FAILED_NO_ARTIFACT: "An artifact of the run is not stored, or its bytes do not match their hash.",
  FAILED_SOURCE_UNREADABLE: "The stored source of the run is missing or does not match its hash.",
  FAILED_DOCUMENT: "The document could not be read.",
  FAILED_ENCRYPTED: "The document is encrypted. Remove its password and send it again.",
  FAILED_CORRUPT: "The document is damaged or incomplete, so its format cannot be read.",
  FAILED_TOO_LARGE: "The document is too large once it is unpacked or parsed.",
  FAILED_UNSUPPORTED:
    "The bytes of the document are of a format that this program does not read. It reads pictures with OCR (JEJAKEKAL_OCR).",
  FAILED_EFFECT: "The receiver of the side effect did not accept it.",
} as const satisfies Record<string, string>;

export type RunFailureCode = keyof typeof RUN_FAILURES;

/**
 * An error of a step with a code. DBOS's serialisation keeps `code` and drops the class, so readers test the code.
 */
export class RunFailure extends Error {
  readonly code: RunFailureCode;
  /** Whether another attempt may succeed. */
  readonly isTransient: boolean;
  /** How long to wait before the next attempt, at least; 0 when only the retry policy of the step counts. */
  readonly retryAfterMs: number;

  constructor(
    code: RunFailureCode,
    options: { cause?: unknown; isTransient?: boolean; retryAfterMs?: number } = {},
  ) {
    super(RUN_FAILURES[code], options);
    this.name = "RunFailure";
    this.code = code;
    this.isTransient = options.isTransient ?? false;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

export function isRunFailureCode(code: unknown): code is RunFailureCode {
  return typeof code === "string" && Object.hasOwn(RUN_FAILURES, code);
}
