import { CommandHelp } from "./help.tsx";
import type { NoticeModel } from "./model.ts";
import { ProblemNote } from "./problem.tsx";

/** `#notice`: what the page says back, above all planes, whichever is in sight. Spoken when it changes. */
export function Notice({ notice, oob }: { notice: NoticeModel; oob?: boolean }): JSX.Element {
  return (
    <div id="notice" role="alert" hx-swap-oob={oob === true ? "true" : undefined}>
      {notice.kind === "none" ? "" : <Said notice={notice} />}
    </div>
  );
}

/** What stands in `#notice` until it is dismissed, or until there is something else to say. */
export function Said({ notice }: { notice: Exclude<NoticeModel, { kind: "none" }> }): JSX.Element {
  return (
    <div class="notice">
      {notice.kind === "problem" ? <ProblemNote problem={notice.problem} /> : ""}
      {notice.kind === "help" ? <CommandHelp /> : ""}
      {notice.kind === "said" ? (
        <p class="said" safe>
          {notice.text}
        </p>
      ) : (
        ""
      )}
      <button type="button" class="script-only small" data-dismiss>
        Dismiss
      </button>
    </div>
  );
}
