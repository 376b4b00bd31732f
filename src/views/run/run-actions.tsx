import type { ArtifactType } from "../../domain/artifact.ts";
import type { RunView } from "../../projection/run-view.ts";
import { type PrimaryAction, primaryActionOf } from "../../projection/run-words.ts";
import type { ExecutionModel } from "../model.ts";
import { ChangeButton } from "./change-run.tsx";

type RunModel = Extract<ExecutionModel, { kind: "run" }>;

/** The actions of a run. Those that every run has come first, so that they do not move when the run ends. */
export function RunActions({ model }: Readonly<{ model: RunModel }>): JSX.Element {
  const { run_id } = model.run;
  return (
    <div class="actions">
      <DownloadMenu model={model} />
      <a class="button" id="act-json" href={`/ui/runs/${run_id}/json`}>
        JSON
      </a>
      {model.poll === null ? "" : <ReloadLink runId={run_id} />}
      {model.expired ? (
        <a class="button" id="act-watch" href={`/runs/${run_id}`}>
          Watch again
        </a>
      ) : (
        ""
      )}
    </div>
  );
}

/** Everything that can be taken out of the program, in one menu that needs no script. */
function DownloadMenu({ model: { run, isReadOnly } }: Readonly<{ model: RunModel }>): JSX.Element {
  const { run_id, artifacts } = run;
  const has = (type: ArtifactType) => artifacts.some((artifact) => artifact.type === type);
  const memo = `/artifacts/${run_id}:memo/download`;
  const files: readonly (readonly [string, string])[] = [
    ...(has("memo")
      ? ([
          ["Memo, HTML", `${memo}?as=html`],
          ["Memo, Markdown", `${memo}?as=markdown`],
          ["Figures, CSV", `${memo}?as=csv`],
        ] as const)
      : []),
    ...(has("raw") ? ([["Document as received", `/artifacts/${run_id}:raw/download`]] as const) : []),
    ["Bundle, zip", `/runs/${run_id}/bundle.zip`],
  ];
  return (
    <details class="menu" id="download">
      <summary class="button menu-title" id="download-title">
        Download
      </summary>
      <ul>
        {files.map(([name, address], index) => (
          <li>
            <a class="menu-item" id={`download-${index}`} href={address} download="">
              {name as "safe"}
            </a>
          </li>
        ))}
        <li>
          <a class="menu-item" id="act-bundle" href={`/ui/runs/${run_id}/bundle`}>
            Bundle, JSON
          </a>
        </li>
        {isReadOnly ? "" : <ExportLink runId={run_id} />}
      </ul>
    </details>
  );
}

function ExportLink({ runId }: Readonly<{ runId: string }>): JSX.Element {
  return (
    <li>
      <a
        class="menu-item"
        id="act-export"
        href={`/runs/${runId}/export`}
        hx-get={`/ui/runs/${runId}/export`}
        hx-swap="none"
      >
        Write the bundle to a folder of the server
      </a>
    </li>
  );
}

/** Replaces polling in a browser without a script. */
export function ReloadLink({ runId }: Readonly<{ runId: string }>): JSX.Element {
  return (
    <a class="button no-script" id="act-reload" href={`/runs/${runId}`}>
      Reload
    </a>
  );
}

/** The one action that suits the state of the run: Cancel, Resume, or a retry as a fork. */
export function PrimaryActionButton({ run }: Readonly<{ run: RunView }>): JSX.Element {
  const action = primaryActionOf(run);
  if (action === null) return "";
  if (action.kind === "retry") return <RetryButton runId={run.run_id} action={action} />;
  return <ChangeButton runId={run.run_id} verb={action.kind} />;
}

type RetryProps = Readonly<{ runId: string; action: Extract<PrimaryAction, { kind: "retry" }> }>;

function RetryButton({ runId, action: { fromStep, stepName } }: RetryProps): JSX.Element {
  const address = `/ui/runs/${runId}/fork`;
  return (
    <form class="change" method="post" action={address} hx-post={address} hx-swap="none" hx-sync="this:drop">
      <input type="hidden" name="from_step" value={String(fromStep)} />
      <button id="act-retry" class="primary" type="submit" safe>
        {stepName === null ? "Run again" : `Retry from ${stepName}`}
      </button>
    </form>
  );
}
