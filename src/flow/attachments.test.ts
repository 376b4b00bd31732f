import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { startRun, startRunOfFile, waitForEnd, waitForRun } from "../client.ts";
import { buildPdf } from "../document/pdf/test-pdf.ts";
import { attachmentRunId } from "../domain/attachment.ts";
import { isTerminal } from "../domain/run.ts";
import { pollUntil } from "../poll.ts";
import type { AttachmentView, RunView } from "../projection/run-view.ts";
import { sha256Hex } from "../sha256.ts";
import { objectOf, postJson, request } from "../testing/http.ts";
import { mailOf } from "../testing/mail.ts";
import { temporaryFolder } from "../testing/paths.ts";
import { runProgram } from "../testing/program.ts";
import { slow, useService } from "../testing/service.ts";
import { endSleep, LONG_SLEEP_MS } from "../testing/sleeping-run.ts";

const NOTE = "# Note\n\nThe barge left at 9.";

const MAIL = mailOf("Everything", [
  { type: "text/markdown", content: NOTE, filename: "note.md" },
  { type: "application/pdf", content: buildPdf({ pages: [""], isEncrypted: true }), filename: "secret.pdf" },
  { type: "text/markdown", content: NOTE, filename: "again.md" },
  { type: "image/png", content: Buffer.from("\x89PNG\r\n\x1a\n\0", "latin1"), filename: "photo.png" },
  { type: "application/pdf", content: "<!doctype html><title>Page</title><p>A page.", filename: "page.pdf" },
  {
    type: "message/rfc822",
    content: mailOf("Inner", [{ type: "text/csv", content: "a,b\n1,2\n", filename: "t.csv" }]),
    encoding: "none",
  },
]);

describe("the attachments of a mail", () => {
  const service = useService();

  const startMail = (workflowId: string, mail: Uint8Array = MAIL) =>
    startRunOfFile(service.url, {
      bytes: mail,
      mediaType: "message/rfc822",
      query: { workflowId, filename: "mail.eml" },
    });

  /** The mail once it and the runs of its attachments have ended. */
  const waitForAll = (runId: string) =>
    waitForRun(service.url, runId, "and its attachments end", ({ dbos_status, header }) => {
      const states = header.attachments?.list.flatMap(({ run_id, dbos_status: state }) =>
        run_id === null ? [] : [state ?? ""],
      );
      return isTerminal(dbos_status) && (states ?? []).every(isTerminal);
    });

  const listOf = ({ header }: RunView) => header.attachments?.list ?? [];
  const briefOf = ({ n, run_id, reason, dbos_status }: AttachmentView) => [
    n,
    run_id !== null,
    reason,
    dbos_status,
  ];

  test(
    "have runs of their own, each linked with the mail, and none of them harms the mail",
    slow,
    async () => {
      await startMail("everything");
      const mail = await waitForAll("everything");
      assert.equal(mail.status, "done");
      assert.deepEqual(listOf(mail).map(briefOf), [
        [1, true, null, "SUCCESS"],
        [2, true, null, "ERROR"],
        [3, true, null, "SUCCESS"],
        [4, false, "not_readable", null],
        [5, true, null, "SUCCESS"],
        [6, true, null, "SUCCESS"],
      ]);
      const [note, secret, again, , page, inner] = listOf(mail);
      assert.equal(again?.run_id, note?.run_id, "the same bytes have one run");
      assert.equal(note?.run_id, attachmentRunId({ runId: "everything", n: 1 }));
      const child = await waitForEnd(service.url, String(note?.run_id));
      assert.deepEqual(child.header.attachment_of, { run_id: "everything", n: 1 });
      assert.equal(child.header.args.filename, "note.md");
      assert.equal(child.artifacts.find(({ type }) => type === "raw")?.sha256, sha256Hex(NOTE));
      assert.deepEqual(note && [note.sha256, note.bytes], [sha256Hex(NOTE), NOTE.length]);
      assert.equal(child.header.recovery_attempts, 1);
      const failed = await waitForEnd(service.url, String(secret?.run_id));
      assert.equal(failed.header.error?.code, "FAILED_ENCRYPTED");
      const html = objectOf(await request(`${service.url}/artifacts/${page?.run_id}:docir`));
      assert.match(JSON.stringify(html), /media_type_differs/);
      const nested = await waitForAll(String(inner?.run_id));
      assert.deepEqual(listOf(nested).map(briefOf), [[1, true, null, "SUCCESS"]]);
      assert.equal(nested.header.attachments?.total, 1);
      assert.equal(nested.header.attachment_of?.n, 6);
    },
  );

  test("are runs like others: listed, found by their words, with a command and a journal", slow, async () => {
    await startMail(
      "listed",
      mailOf("Listed", [
        { type: "text/markdown", content: "# Zirbelkiefer\n\nA tree.", filename: "tree.md" },
      ]),
    );
    const [{ run_id = "" } = {}] = listOf(await waitForAll("listed"));
    const events = objectOf(await request(`${service.url}/runs/${run_id}/events`)).events as {
      kind: string;
      detail: Record<string, unknown>;
    }[];
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["accepted", "started", "finished"],
    );
    assert.deepEqual(events[0]?.detail.attachment_of, { run_id: "listed", n: 1 });
    const { runs } = objectOf(await request(`${service.url}/runs?q=zirbelkiefer`));
    assert.deepEqual(
      (runs as { run_id: string }[]).map((run) => run.run_id),
      [run_id],
    );
    const [command] = await service.database.query(
      "select cmd, args ->> 'filename' as filename from jejakekal.chat_event where run_id = $1",
      [run_id],
    );
    assert.deepEqual(command, { cmd: "/attachment", filename: "tree.md" });
  });

  test(
    "are shared by a fork that copies the step, and started again by a fork that repeats it",
    slow,
    async () => {
      await startMail("parent");
      const parent = await waitForAll("parent");
      const fork = async (from_step: string) => {
        const { run_id } = objectOf(await postJson(`${service.url}/runs/parent/fork`, { from_step }));
        return waitForAll(String(run_id));
      };
      const copied = await fork("chunk-index");
      assert.deepEqual(copied.header.attachments, parent.header.attachments);
      const repeated = await fork("docir");
      const [own] = listOf(repeated);
      assert.equal(own?.run_id, attachmentRunId({ runId: repeated.run_id, n: 1 }));
      assert.deepEqual(listOf(repeated).map(briefOf), listOf(parent).map(briefOf));
      const child = await waitForEnd(service.url, String(own?.run_id));
      assert.deepEqual(child.header.attachment_of, { run_id: repeated.run_id, n: 1 });
    },
  );

  test(
    "of which one has an id that is taken by another document, are named without that run",
    slow,
    async () => {
      const taken = attachmentRunId({ runId: "unlucky", n: 1 });
      await startRun(service.url, { source: "# Somebody else's", workflowId: taken });
      await startMail("unlucky");
      const mail = await waitForAll("unlucky");
      assert.equal(mail.status, "done");
      assert.deepEqual(listOf(mail).map(briefOf).slice(0, 3), [
        [1, false, "run_id_taken", null],
        [2, true, null, "ERROR"],
        [3, false, "run_id_taken", null],
      ]);
      assert.equal((await waitForEnd(service.url, taken)).header.attachment_of, null);
    },
  );

  test(
    "are printed by the command line, which waits for them, and verified with their mail",
    slow,
    async () => {
      using folder = temporaryFolder();
      const file = join(folder.path, "mail.eml");
      writeFileSync(file, mailOf("Printed", [{ type: "text/markdown", content: NOTE, filename: "note.md" }]));
      const cli = (...args: readonly string[]) => runProgram(args, { database: service.database });
      const printed = await cli("run", file, "--workflow-id", "printed");
      assert.equal(printed.code, 0, printed.stderr);
      const [note] = listOf(JSON.parse(printed.stdout));
      assert.equal(note?.status, "done");
      assert.match(printed.stderr, new RegExp(`attachment 1 note\\.md: run ${note?.run_id} done`));
      const bundles = await Promise.all(
        ["printed", String(note?.run_id)].map(async (runId) => {
          const path = join(folder.path, `${runId}.zip`);
          writeFileSync(path, (await request(`${service.url}/runs/${runId}/bundle.zip`)).bytes);
          return path;
        }),
      );
      const verified = await cli("verify", ...bundles);
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    },
  );

  test("keep their bytes when the mail is erased, and the answer says so", slow, async () => {
    await startMail(
      "erased-mail",
      mailOf("Erased", [{ type: "text/markdown", content: NOTE, filename: "n.md" }]),
    );
    const [note] = listOf(await waitForAll("erased-mail"));
    const childId = String(note?.run_id);
    const erase = async (runId: string) =>
      objectOf(await postJson(`${service.url}/runs/${runId}/erase`, { reason: "asked" }));
    const ofMail = await erase("erased-mail");
    assert.deepEqual(ofMail.attachments, [{ run_id: childId, erased: false }]);
    assert.equal((await request(`${service.url}/artifacts/${childId}:raw/download`)).text, NOTE);
    const ofNote = await erase(childId);
    assert.deepEqual(ofNote.attachment_of, { run_id: "erased-mail", n: 1, erased: true });
    assert.deepEqual((await erase("erased-mail")).attachments, [{ run_id: childId, erased: true }]);
  });

  test("are no documents of the batch of their mail", slow, async () => {
    const { batch_id } = objectOf(await postJson(`${service.url}/batches`, {}));
    const sent = await request(`${service.url}/batches/${batch_id}/documents`, {
      method: "POST",
      headers: { "content-type": "message/rfc822" },
      body: mailOf("Batched", [{ type: "text/plain", content: "x", filename: "x.txt" }]),
    });
    await waitForAll(String(objectOf(sent).run_id));
    const { items } = objectOf(await request(`${service.url}/batches/${batch_id}`));
    assert.equal((items as readonly unknown[]).length, 1);
  });

  const countStarts = async (runId: string) =>
    (
      await service.database.query<{ run_id: string; starts: number }>(
        `select run_id, count(*)::int as starts from jejakekal.run_event
          where kind = 'accepted' and detail::json #>> '{attachment_of,run_id}' = $1 group by 1`,
        [runId],
      )
    ).map(({ starts }) => starts);

  test("are started once when an attempt at the step fails between two of them", slow, async () => {
    // Sequences are not rolled back, so the second attempt passes.
    await service.database.query(`
      create sequence attempts;
      create function fail_once() returns trigger language plpgsql as $$
      begin
        if new.run_id = '${attachmentRunId({ runId: "tried-again", n: 2 })}' and nextval('attempts') = 1 then
          raise exception 'not yet';
        end if;
        return new;
      end; $$;
      create trigger fail_once before insert on jejakekal.run for each row execute function fail_once()`);
    await startMail("tried-again");
    const mail = await waitForAll("tried-again");
    await service.database.query("drop trigger fail_once on jejakekal.run");
    assert.equal(mail.timeline.find(({ function_name }) => function_name === "docir")?.attempt, 2);
    assert.deepEqual(await countStarts("tried-again"), [1, 1, 1, 1]);
  });

  test("are started once when the mail is cancelled and resumed", slow, async () => {
    await startRunOfFile(service.url, {
      bytes: MAIL,
      mediaType: "message/rfc822",
      query: { workflowId: "resumed", sleepMs: String(LONG_SLEEP_MS) },
    });
    await waitForRun(service.url, "resumed", "sleeps", ({ timeline }) => timeline.length === 2);
    await postJson(`${service.url}/runs/resumed/cancel`, {});
    assert.deepEqual(await countStarts("resumed"), []);
    await endSleep(service.database, "resumed");
    await postJson(`${service.url}/runs/resumed/resume`, {});
    assert.equal((await waitForAll("resumed")).status, "done");
    assert.deepEqual(await countStarts("resumed"), [1, 1, 1, 1]);
  });

  // Last, because the other tests have no token.
  test("have the token that sent the mail as their actor", slow, async () => {
    const { token } = objectOf(await postJson(`${service.url}/tokens`, { name: "sender", scope: "admin" }));
    const send = (path: string, contentType: string, body: Buffer<ArrayBuffer> | string) =>
      request(`${service.url}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": contentType },
        body,
      });
    const mail = mailOf("By token", [{ type: "text/plain", content: "Sent.", filename: "s.txt" }]);
    await send("/runs?workflowId=by-token", "message/rfc822", mail);
    const startersOf = (runId: string) =>
      pollUntil("the run of the attachment is there", async () => {
        const [row] = await service.database.query<{ by: string | null }>(
          "select detail::json ->> 'by' as by from jejakekal.run_event where run_id = $1 and seq = 0",
          [attachmentRunId({ runId, n: 1 })],
        );
        return row;
      });
    assert.deepEqual(await startersOf("by-token"), { by: "sender" });
    const fork = objectOf(await send("/runs/parent/fork", "application/json", '{"from_step":"docir"}'));
    assert.deepEqual(await startersOf(String(fork.run_id)), { by: "sender" });
  });
});
