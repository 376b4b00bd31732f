import { formatBytes } from "../projection/format.ts";
import { tooLargeInWords } from "../projection/problem-words.ts";
import type { PageModel, Problem } from "./model.ts";
import { NoticeBody } from "./notice.tsx";
import { RunStatus } from "./run/run-status.tsx";

/** Messages that the script shows without asking the server: a document over the limit, and a service out of reach. */
export function ScriptTemplates({ maxBodyBytes }: Pick<PageModel, "maxBodyBytes">): JSX.Element {
  return (
    <>
      <template
        id="too-large"
        data-limit-bytes={String(maxBodyBytes)}
        data-short={`larger than ${formatBytes(maxBodyBytes)}`}
      >
        <NoticeBody notice={{ kind: "problem", problem: tooLarge(maxBodyBytes) }} />
      </template>
      <template id="tray-row">
        <li class="tray-row">
          <span class="tray-name" data-part="name" dir="auto"></span>
          <span class="quiet" data-part="size"></span>
          <button type="button" class="small">
            Remove
          </button>
          <span class="tray-state" data-part="state"></span>
        </li>
      </template>
      <template id="unreachable">
        <RunStatus
          model={{
            kind: "problem",
            problem: unreachable("This page keeps trying."),
            runId: null,
            poll: null,
          }}
        />
      </template>
      <template id="unreachable-notice">
        <NoticeBody notice={{ kind: "problem", problem: unreachable("Try again in a moment.") }} />
      </template>
    </>
  );
}

function unreachable(whatNow: string): Problem {
  return {
    status: 0,
    code: "unreachable",
    message: `The service does not answer. ${whatNow}`,
    detail: {},
    transient: true,
  };
}

/** The same code and message as the API's own 413. */
function tooLarge(maxBodyBytes: number): Problem {
  return {
    status: 413,
    code: "payload_too_large",
    message: tooLargeInWords(maxBodyBytes),
    detail: { limit_bytes: maxBodyBytes },
    transient: false,
  };
}
