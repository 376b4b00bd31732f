import { isResumable } from "../../domain/run.ts";
import type { ExecutionModel } from "../model.ts";

type RunModel = Extract<ExecutionModel, { kind: "run" }>;

/** The actions of a run. Those that every run has come first, so that they do not move when the run ends. */
export function RunActions({ model }: Readonly<{ model: RunModel }>): JSX.Element {
  const { run_id, status, dbos_status } = model.run;
  return (
    <div class="actions">
      <a
        class="button"
        id="act-export"
        href={`/runs/${run_id}/export`}
        hx-get={`/ui/runs/${run_id}/export`}
        hx-swap="none"
      >
        Export
      </a>
      <a class="button" id="act-bundle" href={`/ui/runs/${run_id}/bundle`}>
        Bundle
      </a>
      <a class="button" id="act-json" href={`/ui/runs/${run_id}/json`}>
        JSON
      </a>
      {status === "running" ? <ChangeButton runId={run_id} verb="cancel" label="Cancel" /> : ""}
      {isResumable(dbos_status) ? <ChangeButton runId={run_id} verb="resume" label="Resume" /> : ""}
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

/** Replaces polling in a browser without a script. */
export function ReloadLink({ runId }: Readonly<{ runId: string }>): JSX.Element {
  return (
    <a class="button no-script" id="act-reload" href={`/runs/${runId}`}>
      Reload
    </a>
  );
}

type ChangeButtonProps = Readonly<{ runId: string; verb: "cancel" | "resume"; label: string }>;

function ChangeButton({ runId, verb, label }: ChangeButtonProps): JSX.Element {
  const address = `/ui/runs/${runId}/${verb}`;
  return (
    <form method="post" action={address} hx-post={address} hx-swap="none">
      <button id={`act-${verb}`} class={verb === "resume" ? "primary" : undefined} type="submit" safe>
        {label}
      </button>
    </form>
  );
}
