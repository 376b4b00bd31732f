import { CommandHelp } from "./help.tsx";
import type { NoticeModel } from "./model.ts";
import { ProblemNote } from "./problem.tsx";

/** `#notice`: the response to what the reader did, above all planes. Screen readers announce each change. */
export function Notice({ notice, oob }: Readonly<{ notice: NoticeModel; oob?: boolean }>): JSX.Element {
  return (
    <div id="notice" role="alert" hx-swap-oob={oob === true ? "true" : undefined}>
      {notice.kind === "none" ? "" : <NoticeBody notice={notice} />}
    </div>
  );
}

type Shown = Exclude<NoticeModel, { kind: "none" }>;

/** The content of `#notice` until it is dismissed or replaced. */
export function NoticeBody({ notice }: Readonly<{ notice: Shown }>): JSX.Element {
  return (
    <div class="notice">
      {notice.kind === "problem" ? <ProblemNote problem={notice.problem} /> : ""}
      {notice.kind === "help" ? <CommandHelp /> : ""}
      {notice.kind === "message" ? (
        <p class="notice-text" safe>
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
