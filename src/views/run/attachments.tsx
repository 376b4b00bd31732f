import { attachmentNote, isWaitingForAttachments } from "../../projection/attachment-words.ts";
import { formatCount, shortRunId } from "../../projection/format.ts";
import type { AttachmentView, RunView } from "../../projection/run-view.ts";
import { StateMark } from "../state-mark.tsx";

const REFRESH_S = 2;

/**
 * `#attachments`: the attachments of a mail, each with its run or the reason why it has none. While the mail is running its pane is
 * replaced as a whole; after that the list alone, until the runs of the attachments have ended.
 */
export function Attachments({ run }: Readonly<{ run: RunView }>): JSX.Element {
  const { attachments } = run.header;
  if (attachments === null) return "";
  const { total, list } = attachments;
  const refresh =
    run.status !== "running" && isWaitingForAttachments(run)
      ? ({
          "hx-get": `/ui/runs/${run.run_id}/attachments`,
          "hx-trigger": `every ${REFRESH_S}s`,
          "hx-swap": "outerHTML",
        } as const)
      : {};
  return (
    <section id="attachments" {...refresh}>
      <h4 class="fold-title">Attachments</h4>
      <ul class="run-list">
        {list.map((attachment) => (
          <Attachment attachment={attachment} />
        ))}
      </ul>
      {total > list.length ? (
        <p class="quiet" safe>{`${formatCount(total - list.length, "attachment")} more without a run`}</p>
      ) : (
        ""
      )}
    </section>
  );
}

function Attachment({ attachment }: Readonly<{ attachment: AttachmentView }>): JSX.Element {
  const { n, run_id, filename, status, dbos_status } = attachment;
  const name = filename ?? `attachment ${n}`;
  return (
    <li>
      <span class="attachment-number quiet" safe>
        {`${n}.`}
      </span>
      {status === null || dbos_status === null ? "" : <StateMark status={status} dbosStatus={dbos_status} />}
      <span>
        {run_id === null ? (
          <bdi safe>{name}</bdi>
        ) : (
          <a id={`attachment-${n}`} href={`/runs/${run_id}`} dir="auto" title={run_id} safe>
            {name}
          </a>
        )}{" "}
        <span class="quiet" safe>
          {attachmentNote(attachment)}
        </span>
      </span>
    </li>
  );
}

/** Among the facts of a run: which mail its document was attached to. */
export function AttachmentOf({ run }: Readonly<{ run: RunView }>): JSX.Element {
  const { attachment_of: origin } = run.header;
  if (origin === null) return "";
  return (
    <div>
      <dt>attachment</dt>
      <dd>
        <span safe>{`${origin.n} of mail `}</span>
        <a id="attachment-of" href={`/runs/${origin.run_id}`} title={origin.run_id} safe>
          {shortRunId(origin.run_id)}
        </a>
      </dd>
    </div>
  );
}
