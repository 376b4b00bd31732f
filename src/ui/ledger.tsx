import type { CommandView } from "../projection/command-view.ts";
import { formatAgo, formatDuration, formatInstant, shortRunId } from "../projection/format.ts";
import { addressOf, type PageParams, pageParamEntries } from "../projection/page-params.ts";
import type { LedgerFilters, LedgerModel } from "./model.ts";
import { ProblemNote } from "./problem.tsx";
import { StateMark } from "./state-mark.tsx";

type ListModel = Extract<LedgerModel, { kind: "list" }>;

/** How often the ledger looks again while one of its runs is under way. */
const REFRESH = "every 5s";

/** `#ledger`: commands and their runs, newest first. It refreshes itself when a run starts or ends on this page. */
export function Ledger({ model }: { model: LedgerModel }): JSX.Element {
  if (model.kind === "problem") {
    return (
      <div id="ledger" hx-get="/ui/commands" hx-include="#filters" hx-trigger="every 3s" hx-swap="outerHTML">
        <ProblemNote problem={model.problem} />
      </div>
    );
  }
  const { list, filters } = model;
  const isRunning = list.commands.some(({ run }) => run.status === "running");
  const isFirstPage = filters.before === "";
  return (
    <div
      id="ledger"
      hx-get={addressOf("/ui/commands", [...filterEntries(filters), ...pageParamEntries(model.params)])}
      hx-trigger={`runs-changed from:body${isRunning && isFirstPage ? `, ${REFRESH}` : ""}`}
      hx-swap="outerHTML"
    >
      {list.commands.length === 0 ? <NoCommands filters={filters} /> : <LedgerLines model={model} />}
    </div>
  );
}

/** The lines of one page of the ledger, and the way to older ones. */
export function LedgerLines({ model }: { model: ListModel }): JSX.Element {
  const { list, filters, params } = model;
  const older = [
    ...filterEntries({ ...filters, before: String(list.next ?? "") }),
    ...pageParamEntries(params),
  ];
  return (
    <>
      <ol class="ledger">
        {list.commands.map((command) => (
          <LedgerLine command={command} model={model} />
        ))}
      </ol>
      {list.next === null ? (
        ""
      ) : (
        <p class="older">
          <a
            href={addressOf(model.pathname, older)}
            hx-get={addressOf("/ui/commands", [...older, ["part", "more"]])}
            hx-target="closest .older"
            hx-swap="outerHTML"
          >
            Older commands
          </a>
        </p>
      )}
    </>
  );
}

function LedgerLine({ command, model }: { command: CommandView; model: ListModel }): JSX.Element {
  const { run } = command;
  const address = runAddress(run.run_id, model.params);
  const took = run.completed_at === null ? null : run.completed_at - command.created_at;
  const filename = typeof command.args.filename === "string" ? command.args.filename : null;
  return (
    <li>
      <a
        id={`command-${command.id}`}
        class="line"
        href={address}
        hx-get={address}
        hx-swap="none"
        hx-push-url="true"
        data-run={run.run_id}
        aria-current={run.run_id === model.currentRunId ? "true" : undefined}
      >
        <StateMark status={run.status} dbosStatus={run.dbos_status ?? "not started"} />
        <span class="line-text">
          <b safe>{command.cmd}</b>{" "}
          <span dir="auto" safe>
            {filename ?? command.preview ?? command.title ?? "Document"}
          </span>
        </span>
        <span class="line-facts">
          <code safe>{shortRunId(run.run_id)}</code>
          {took === null ? "" : <span safe>{formatDuration(took)}</span>}
          {run.recovery_attempts > 1 ? (
            <span class="mark" data-tone="warn">
              recovered
            </span>
          ) : (
            ""
          )}
          {run.forked_from === null ? "" : <span class="mark">forked</span>}
          <time
            datetime={new Date(command.created_at).toISOString()}
            title={`${formatInstant(command.created_at)} UTC`}
            safe
          >
            {formatAgo(command.created_at, model.nowEpochMs)}
          </time>
        </span>
      </a>
    </li>
  );
}

function NoCommands({ filters }: { filters: LedgerFilters }): JSX.Element {
  const isFiltered = filters.q !== "" || filters.status !== "" || filters.before !== "";
  return isFiltered ? (
    <p class="quiet">Nothing matches these filters.</p>
  ) : (
    <p class="quiet">
      No commands yet. Type <code>/doc</code> and a few lines of text, or drop a file on the box above.
    </p>
  );
}

export function runAddress(runId: string, params: PageParams): string {
  return addressOf(`/runs/${runId}`, pageParamEntries(params));
}

function filterEntries({ status, q, before }: LedgerFilters) {
  return [
    ["status", status],
    ["q", q],
    ["before", before],
  ] as const;
}
