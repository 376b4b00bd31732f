import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startRunOfFile, waitForEnd } from "../../client.ts";
import { attachmentRunId } from "../../domain/attachment.ts";
import { cloneDatabase, type TestDatabase } from "../database.ts";
import { mailOf } from "../mail.ts";
import { startProgram } from "../program.ts";
import { installStepProbe, type StepMoment } from "../step-probe.ts";

const patient = { timeout: 240_000 } as const;

/** Before the step, within its transaction, before its record, and after its commit. */
const MOMENTS: readonly StepMoment[] = ["record prepare", "work docir", "record docir", "work chunk-index"];
const ATTACHMENTS = 3;

describe("a program killed with SIGKILL around the step that starts the runs of attachments", () => {
  test("starts each of them exactly once, together with the record of the step", patient, async () => {
    await using database = await cloneDatabase();
    const held = MOMENTS.map((moment) => ({ moment, runId: `at-${moment.replace(" ", "-")}` }));
    const childrenOf = (runId: string) =>
      Array.from({ length: ATTACHMENTS }, (_, index) => attachmentRunId({ runId, n: index + 1 }));
    const children = held.flatMap(({ runId }) => childrenOf(runId));
    const probe = await installStepProbe(database, [...held.map(({ runId }) => runId), ...children]);
    await using first = await startProgram({ database });
    for (const { runId, moment } of held) await probe.hold(runId, moment);
    await Promise.all(held.map(({ runId }) => startMail(first.url, runId)));
    await probe.allHeld();
    assert.deepEqual(
      await startedChildren(database, held),
      { "at-work-chunk-index": ATTACHMENTS },
      "runs are there when the step is recorded, and not before",
    );
    await first.kill9();
    await first[Symbol.asyncDispose]();
    await probe.cutSessions();
    await probe.releaseAll();
    assert.deepEqual(await startedChildren(database, held), { "at-work-chunk-index": ATTACHMENTS });

    await using second = await startProgram({ database });
    for (const { runId } of held) {
      const mail = await waitForEnd(second.url, runId);
      assert.equal(mail.status, "done", runId);
      assert.deepEqual(
        mail.header.attachments?.list.map(({ run_id }) => run_id),
        childrenOf(runId),
      );
      for (const [index, childId] of childrenOf(runId).entries()) {
        const child = await waitForEnd(second.url, childId);
        assert.equal(child.status, "done", childId);
        assert.deepEqual(child.header.attachment_of, { run_id: runId, n: index + 1 });
      }
    }
    assert.equal((await startedChildren(database, held))["at-record-docir"], ATTACHMENTS);
    const [counts] = await database.query<{
      runs: number;
      workflows: number;
      commands: number;
      begins: number;
    }>(
      `select (select count(*)::int from jejakekal.run) as runs,
              (select count(*)::int from dbos.workflow_status) as workflows,
              (select count(*)::int from jejakekal.chat_event) as commands,
              (select count(*)::int from jejakekal.run_event where kind = 'accepted') as begins`,
    );
    const all = held.length * (ATTACHMENTS + 1);
    assert.deepEqual(counts, { runs: all, workflows: all, commands: all, begins: all });
  });
});

function startMail(url: string, runId: string): Promise<string> {
  const note = (n: number) =>
    ({ type: "text/plain", content: `${runId}, note ${n}`, filename: `${n}.txt` }) as const;
  const mail = mailOf(runId, [note(1), note(2), note(3)]);
  return startRunOfFile(url, { bytes: mail, mediaType: "message/rfc822", query: { workflowId: runId } });
}

/** How many runs of attachments each mail has, in this program's rows and in those of DBOS alike. */
async function startedChildren(
  database: TestDatabase,
  mails: readonly Readonly<{ runId: string }>[],
): Promise<Readonly<Record<string, number>>> {
  const rows = await database.query<{ mail: string; started: number; workflows: number }>(
    `select e.detail::json #>> '{attachment_of,run_id}' as mail, count(*)::int as started,
            count(w.workflow_uuid)::int as workflows
       from jejakekal.run_event e
       left join dbos.workflow_status w on w.workflow_uuid = e.run_id
      where e.seq = 0 and e.detail::json #>> '{attachment_of,run_id}' = any ($1)
      group by 1`,
    [mails.map(({ runId }) => runId)],
  );
  for (const { mail, started, workflows } of rows) assert.equal(workflows, started, mail);
  return Object.fromEntries(rows.map(({ mail, started }) => [mail, started]));
}
