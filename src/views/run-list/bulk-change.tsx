import {
  BULK_ACTIONS,
  BULK_WORDS,
  type BulkAction,
  MAX_BULK_BUNDLES,
  MAX_BULK_RUNS,
} from "../../projection/bulk-change.ts";
import { formatCount, shortRunId } from "../../projection/format.ts";
import { attribute } from "../attribute.ts";
import { HiddenFields } from "../hidden-fields.tsx";
import type { Problem } from "../model.ts";
import { ProblemNote } from "../problem.tsx";
import { type RunListFields, runListAddress } from "./fields.ts";

/** The page between the choice of runs and their change, and the one after it. */
export type BulkModel = Readonly<{ fields: RunListFields }> &
  (
    | Readonly<{ kind: "problem"; problem: Problem }>
    | Readonly<{
        kind: "confirm";
        action: BulkAction;
        runIds: readonly string[];
        /** Whether more runs match the filters than one request changes. */
        hasMore: boolean;
      }>
    /** A download of fewer runs than were chosen; it begins at the address. */
    | Readonly<{ kind: "download"; address: string; count: number }>
    | Readonly<{ kind: "result"; action: BulkAction; outcomes: readonly BulkOutcome[]; hasMore: boolean }>
  );

/** What became of one run. `forkId` is the run that a retry started. */
export type BulkOutcome = Readonly<{ runId: string; forkId: string | null; problem: Problem | null }>;

export const BULK_ADDRESS = "/ui/runs/changes";

/** The buttons above the list; they belong to the form around it. */
export function BulkBar(): JSX.Element {
  return (
    <p class="bulk-bar">
      <label>
        <input type="checkbox" name="all" value="on" /> all matching runs
      </label>
      {BULK_ACTIONS.map((action) => (
        <button type="submit" name="action" value={action} safe>
          {`${BULK_WORDS[action].verb}…`}
        </button>
      ))}
      <button type="submit" name="action" value="download" title={`Up to ${MAX_BULK_BUNDLES} bundles`}>
        Download
      </button>
    </p>
  );
}

export function BulkChange({ model }: Readonly<{ model: BulkModel }>): JSX.Element {
  return (
    <>
      {model.kind === "problem" ? <Refused problem={model.problem} /> : ""}
      {model.kind === "confirm" ? <Confirm {...model} /> : ""}
      {model.kind === "download" ? <PartialDownload {...model} /> : ""}
      {model.kind === "result" ? <Result {...model} /> : ""}
      <p>
        <a href={runListAddress(model.fields)}>Back to the list</a>
      </p>
    </>
  );
}

function Refused({ problem }: Readonly<{ problem: Problem }>): JSX.Element {
  return (
    <>
      <h1>No run is changed</h1>
      <ProblemNote problem={problem} />
    </>
  );
}

function Confirm({ fields, action, runIds, hasMore }: Extract<BulkModel, { kind: "confirm" }>): JSX.Element {
  const { verb } = BULK_WORDS[action];
  const count = formatCount(runIds.length, "run");
  return (
    <>
      <h1 id="bulk-title" safe>
        {runIds.length === 0 ? `${verb}: no run is chosen` : `${verb} ${count}?`}
      </h1>
      <p id="bulk-progress" role="status"></p>
      {runIds.length === 0 ? (
        <p class="quiet">
          Tick runs in the list, or tick “all matching runs”: runs in another state are left out.
        </p>
      ) : (
        <form method="post" action={BULK_ADDRESS} class="bulk-confirm">
          <HiddenFields fields={fields} />
          <input type="hidden" name="confirmed" value="yes" />
          <input type="hidden" name="more" value={hasMore ? "yes" : ""} />
          {runIds.map((runId) => (
            <input type="hidden" name="run" value={runId} />
          ))}
          {hasMore ? (
            <p role="status">
              More than {MAX_BULK_RUNS} runs match the filters: these runs are from the first {MAX_BULK_RUNS}.
            </p>
          ) : (
            ""
          )}
          {action === "retry" ? (
            ""
          ) : (
            <p>
              <input
                name="reason"
                maxlength="200"
                placeholder="Reason, kept in the journal"
                aria-label="Reason"
              />
            </p>
          )}
          <button type="submit" class="primary" name="action" value={action} safe>
            {`${verb} ${count}`}
          </button>
          <details>
            <summary class="filter-summary">Show these runs</summary>
            <ul>
              {runIds.map((runId) => (
                <li>
                  <RunLink runId={runId} />
                </li>
              ))}
            </ul>
          </details>
        </form>
      )}
    </>
  );
}

function Result({ action, outcomes, hasMore }: Extract<BulkModel, { kind: "result" }>): JSX.Element {
  const refused = outcomes.filter(({ problem }) => problem !== null);
  const changed = outcomes.filter(({ problem }) => problem === null);
  return (
    <section id="bulk-result">
      <h1>
        {BULK_WORDS[action].done as "safe"}: <span data-count="changed">{changed.length}</span> · refused:{" "}
        <span data-count="refused">{refused.length}</span>
      </h1>
      {hasMore ? <p role="status">More runs match: open the list again to go on with them.</p> : ""}
      <ul>
        {[...refused, ...changed].map(({ runId, forkId, problem }) => (
          <li>
            <RunLink runId={runId} />{" "}
            {forkId === null ? (
              ""
            ) : (
              <>
                continued by <RunLink runId={forkId} />
              </>
            )}
            {problem === null ? (
              ""
            ) : (
              <span safe>
                {problem.message} ({problem.code})
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function PartialDownload({ address, count }: Extract<BulkModel, { kind: "download" }>): JSX.Element {
  return (
    <>
      <h1 safe>{`Download ${formatCount(count, "bundle")}`}</h1>
      <p role="status">
        More runs match than one file can hold. The file has the first {count} of the list. For the others,
        narrow the filters, for example by day.
      </p>
      <p>
        <a class="button primary" id="bulk-download" href={attribute(address)} download="">
          Download
        </a>
      </p>
    </>
  );
}

function RunLink({ runId }: Readonly<{ runId: string }>): JSX.Element {
  return (
    <a href={`/runs/${runId}`} title={runId} safe>
      {shortRunId(runId)}
    </a>
  );
}
