import type { CommandView } from "../../projection/command-view.ts";
import { formatCount, formatDuration, shortRunId } from "../../projection/format.ts";
import { filterEntries, pageParamEntries } from "../../projection/page-params.ts";
import { addressAttribute } from "../attribute.ts";
import type { CommandFilters, CommandListModel } from "../model.ts";
import { Ago } from "../moment.tsx";
import { ProblemNote } from "../problem.tsx";
import { StateMark } from "../state-mark.tsx";
import { versionOf } from "../version.ts";

type ListModel = Extract<CommandListModel, { kind: "list" }>;

/** Refresh interval while a listed run is running, and otherwise, for runs started elsewhere. */
const REFRESH_MS = { running: 5_000, quiet: 20_000 } as const;

const MINUTE_MS = 60_000;

/** `#commands`: the commands and their runs, newest first. Only the first page refreshes itself. */
export function CommandList({ model }: Readonly<{ model: CommandListModel }>): JSX.Element {
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
    <div id="commands" data-summary={summaryOf(model)}>
      <FirstCommands model={model} />
      <OlderCommands model={model} />
    </div>
  );
}

/** What screen readers hear when a filter was applied. */
function summaryOf({ list }: ListModel): string {
  const more = list.next === null ? "" : ", and older ones";
  return `${formatCount(list.commands.length, "command")}${more}`;
}

type ListProps = Readonly<{ model: ListModel; oob?: boolean }>;

/** `#commands-first`: the part that a refresh replaces when its version changed. */
export function FirstCommands({ model, oob }: ListProps): JSX.Element {
  const { list, filters, nowEpochMs } = model;
  const shown = [list.commands, filters, model.params, Math.floor(nowEpochMs / MINUTE_MS)];
  return (
    <div
      id="commands-first"
      data-version={versionOf(shown)}
      hx-swap-oob={oob === true ? "true" : undefined}
      {...(filters.before === "" ? refreshAttributes(model) : {})}
    >
      {list.commands.length === 0 ? <NoCommands filters={filters} /> : <Items model={model} />}
    </div>
  );
}

/** `#commands-older`: the link to the next page, or the pages that the reader has loaded. */
export function OlderCommands({ model, oob }: ListProps): JSX.Element {
  return (
    <div
      id="commands-older"
      data-version={versionOf(model.list.next)}
      hx-swap-oob={oob === true ? "true" : undefined}
    >
      <NextPage model={model} />
    </div>
  );
}

/** `hx-sync`: applying a filter aborts a refresh, and no refresh starts while a filter is being applied. */
function refreshAttributes({ list }: ListModel) {
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

/** One more page, in place of the link to it. When it cannot be read, the link stays. */
export function MoreCommands({ model }: Readonly<{ model: CommandListModel }>): JSX.Element {
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
      <Items model={model} />
      <NextPage model={model} />
    </>
  );
}

function Items({ model }: Readonly<{ model: ListModel }>): JSX.Element {
  return (
    <ol class="commands">
      {model.list.commands.map((command) => (
        <Item command={command} model={model} />
      ))}
    </ol>
  );
}

function NextPage({ model }: Readonly<{ model: ListModel }>): JSX.Element {
  const { next } = model.list;
  if (next === null) return "";
  return (
    <div class="older">
      <OlderLink model={model} before={String(next)} label="Older commands" />
    </div>
  );
}

type OlderLinkProps = Readonly<{ model: CommandListModel; before: string; label: string }>;

function OlderLink({ model, before, label }: OlderLinkProps): JSX.Element {
  const query = [
    ...filterEntries(model.filters),
    ["before", before],
    ...pageParamEntries(model.params),
  ] as const;
  return (
    <a
      id="older"
      href={addressAttribute(model.pathname, query)}
      hx-get={addressAttribute("/ui/commands", [...query, ["part", "more"]])}
      hx-target="closest .older"
      hx-swap="outerHTML"
      hx-sync="#filters:replace"
      safe
    >
      {label}
    </a>
  );
}

type ItemProps = Readonly<{ command: CommandView; model: ListModel }>;

function Item({ command, model }: ItemProps): JSX.Element {
  const { run } = command;
  const address = addressAttribute(`/runs/${run.run_id}`, [
    ...filterEntries(model.filters),
    ...pageParamEntries(model.params),
  ]);
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
          <b dir="auto" safe>
            {nameOf(command)}
          </b>
          {filename === null || filename === nameOf(command) ? "" : <FileName filename={filename} />}
        </span>
        <ItemFacts command={command} model={model} />
      </a>
    </li>
  );
}

/** The title of the document; until it is read, the file name or the first words. */
function nameOf({ title, preview, args }: CommandView): string {
  const filename = typeof args.filename === "string" ? args.filename : null;
  return title ?? filename ?? preview?.replace(/^[#\s]+/, "") ?? "Document";
}

function FileName({ filename }: Readonly<{ filename: string }>): JSX.Element {
  return (
    <>
      {" "}
      <span class="quiet" dir="auto" safe>
        {filename}
      </span>
    </>
  );
}

function ItemFacts({ command, model }: ItemProps): JSX.Element {
  const { run } = command;
  const tookMs =
    run.completed_at === null || run.created_at === null ? null : run.completed_at - run.created_at;
  return (
    <span class="line-facts">
      <code safe>{shortRunId(run.run_id)}</code>
      {tookMs === null ? "" : <span safe>{formatDuration(tookMs)}</span>}
      {run.recovery_attempts > 1 ? (
        <span class="mark" data-tone="warn">
          recovered
        </span>
      ) : (
        ""
      )}
      {run.forked_from === null ? "" : <span class="mark">forked</span>}
      <Ago epochMs={command.created_at} nowEpochMs={model.nowEpochMs} />
    </span>
  );
}

function NoCommands({ filters }: Readonly<{ filters: CommandFilters }>): JSX.Element {
  const isFiltered = filters.q !== "" || filters.status !== "" || filters.before !== "";
  return isFiltered ? (
    <p class="quiet">No command matches these filters.</p>
  ) : (
    <p class="quiet">
      No commands yet. Type <code>/doc</code> and a few lines of text, or drop a file on this page.
    </p>
  );
}
