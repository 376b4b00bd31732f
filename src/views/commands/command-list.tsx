import type { CommandView } from "../../projection/command-view.ts";
import { formatAgo, formatDuration, formatInstant, shortRunId } from "../../projection/format.ts";
import { addressOf, filterEntries, pageParamEntries } from "../../projection/page-params.ts";
import type { CommandFilters, CommandListModel } from "../model.ts";
import { ProblemNote } from "../problem.tsx";
import { StateMark } from "../state-mark.tsx";
import { versionOf } from "../version.ts";

type ListModel = Extract<CommandListModel, { kind: "list" }>;

/** How often the ledger looks again: while one of its runs is under way, and for runs that were started elsewhere. */
const REFRESH_MS = { running: 5_000, quiet: 20_000 } as const;

const MINUTE_MS = 60_000;

/**
 * `#commands`: commands and their runs, newest first. The first page looks again by itself; older ones, once they are there,
 * stay as they are.
 */
export function CommandList({ model }: { model: CommandListModel }): JSX.Element {
  if (model.kind === "problem") {
    return (
      <div
        id="commands"
        hx-get="/ui/commands"
        hx-include="#filters"
        hx-trigger="every 3s"
        hx-swap="outerHTML"
        hx-sync="#filters:abort"
      >
        <ProblemNote problem={model.problem} />
      </div>
    );
  }
  return (
    <div id="commands">
      <FirstCommands model={model} />
      <OlderCommands model={model} />
    </div>
  );
}

/** What a refresh renews. Both carry a version, so what is the same is left alone. */
export function FirstCommands({ model, oob }: { model: ListModel; oob?: boolean }): JSX.Element {
  const { list, filters, nowEpochMs } = model;
  const shown = [list.commands, filters, model.params, Math.floor(nowEpochMs / MINUTE_MS)];
  return (
    <div
      id="commands-first"
      data-version={versionOf(shown)}
      hx-swap-oob={oob === true ? "true" : undefined}
      {...(filters.before === "" ? lookAgain(model) : {})}
    >
      {list.commands.length === 0 ? <NoCommands filters={filters} /> : <Lines model={model} />}
    </div>
  );
}

export function OlderCommands({ model, oob }: { model: ListModel; oob?: boolean }): JSX.Element {
  return (
    <div
      id="commands-older"
      data-version={versionOf(model.list.next)}
      hx-swap-oob={oob === true ? "true" : undefined}
    >
      <Older model={model} />
    </div>
  );
}

/** Filters come first: a refresh does not begin while they are being applied, and gives way to them when they are. */
function lookAgain({ list }: ListModel) {
  const isRunning = list.commands.some(({ run }) => run.status === "running");
  const everyMs = isRunning ? REFRESH_MS.running : REFRESH_MS.quiet;
  return {
    "hx-get": "/ui/commands?part=first",
    "hx-include": "#filters",
    "hx-trigger": `runs-changed from:body, every ${everyMs / 1_000}s`,
    "hx-swap": "none",
    "hx-sync": "#filters:abort",
  } as const;
}

/** A further page of lines, in place of the way to it. Where it cannot be read, the way stays. */
export function MoreCommands({ model }: { model: CommandListModel }): JSX.Element {
  if (model.kind === "problem") {
    return (
      <div class="older">
        <ProblemNote problem={model.problem} />
        <OlderLink model={model} before={model.filters.before} label="Try again" />
      </div>
    );
  }
  return (
    <>
      <Lines model={model} />
      <Older model={model} />
    </>
  );
}

function Lines({ model }: { model: ListModel }): JSX.Element {
  return (
    <ol class="commands">
      {model.list.commands.map((command) => (
        <CommandItem command={command} model={model} />
      ))}
    </ol>
  );
}

function Older({ model }: { model: ListModel }): JSX.Element {
  const { next } = model.list;
  if (next === null) return "";
  return (
    <div class="older">
      <OlderLink model={model} before={String(next)} label="Older commands" />
    </div>
  );
}

function OlderLink({
  model,
  before,
  label,
}: {
  model: CommandListModel;
  before: string;
  label: string;
}): JSX.Element {
  const older = [
    ...filterEntries(model.filters),
    ["before", before],
    ...pageParamEntries(model.params),
  ] as const;
  return (
    <a
      id="older"
      href={addressOf(model.pathname, older)}
      hx-get={addressOf("/ui/commands", [...older, ["part", "more"]])}
      hx-target="closest .older"
      hx-swap="outerHTML"
      hx-sync="#filters:replace"
      safe
    >
      {label}
    </a>
  );
}

function CommandItem({ command, model }: { command: CommandView; model: ListModel }): JSX.Element {
  const { run } = command;
  const address = addressOf(`/runs/${run.run_id}`, [
    ...filterEntries(model.filters),
    ...pageParamEntries(model.params),
  ]);
  const took =
    run.completed_at === null || run.created_at === null ? null : run.completed_at - run.created_at;
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

function NoCommands({ filters }: { filters: CommandFilters }): JSX.Element {
  const isFiltered = filters.q !== "" || filters.status !== "" || filters.before !== "";
  return isFiltered ? (
    <p class="quiet">Nothing matches these filters.</p>
  ) : (
    <p class="quiet">
      No commands yet. Type <code>/doc</code> and a few lines of text, or drop a file on the box above.
    </p>
  );
}
