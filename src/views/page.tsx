import { ArtifactList } from "./artifact/artifact-list.tsx";
import { artifactListModelOf } from "./artifact/artifact-list-model.ts";
import { Viewer } from "./artifact/viewer.tsx";
import { BundleResult } from "./bundle-result.tsx";
import { Conversation } from "./commands/conversation.tsx";
import { DisplayDialog } from "./display.tsx";
import { HelpDialog } from "./help.tsx";
import type { PageModel } from "./model.ts";
import { Notice } from "./notice.tsx";
import { ChangeDialog } from "./run/change-run.tsx";
import { Execution } from "./run/execution.tsx";
import { dataStateOf, RunStatus } from "./run/run-status.tsx";
import { ScriptTemplates } from "./script-templates.tsx";
import { Shell } from "./shell.tsx";
import { TopBar } from "./top-bar.tsx";

/** A whole page: three planes, built from the same views as the fragments that later replace their parts. */
export function Page(model: PageModel): JSX.Element {
  const { title, assets, notice, bundle, hasSession = false } = model;
  return (
    <Shell title={title} assets={assets} state={dataStateOf(model.execution)}>
      <a class="skip" href="#execution-plane">
        Skip to the run
      </a>
      <TopBar title={title} hasPlanes hasSession={hasSession} isBundle={bundle !== null} />
      <Notice notice={notice} />
      {bundle === null ? "" : <BundleResult bundle={bundle} />}
      <Planes {...model} />
      <HelpDialog />
      <DisplayDialog />
      <ChangeDialog />
      <div id="announcer" class="visually-hidden" role="status" aria-live="polite"></div>
      <ScriptTemplates maxBodyBytes={model.maxBodyBytes} />
    </Shell>
  );
}

function Planes({ plane, conversation, execution, viewer }: PageModel): JSX.Element {
  return (
    <main class="planes" data-plane={plane}>
      <section id="conversation-plane" class="plane" aria-labelledby="conversation-title" tabindex="-1">
        <h2 id="conversation-title" class="plane-title" tabindex="-1">
          Commands
        </h2>
        <Conversation {...conversation} />
      </section>
      <section id="execution-plane" class="plane" aria-labelledby="execution-title" tabindex="-1">
        <h2 id="execution-title" class="plane-title" tabindex="-1">
          Run
        </h2>
        <RunStatus model={execution} />
        <Execution model={execution} />
      </section>
      <section id="artifact-plane" class="plane" aria-labelledby="artifact-title" tabindex="-1">
        <h2 id="artifact-title" class="plane-title" tabindex="-1">
          Artifacts
        </h2>
        <ArtifactList {...artifactListModelOf(execution, viewer)} />
        <Viewer model={viewer} />
      </section>
    </main>
  );
}
