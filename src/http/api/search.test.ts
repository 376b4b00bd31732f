import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { completeRun, startRun, waitForEnd } from "../../client.ts";
import { pollUntil } from "../../poll.ts";
import type { SearchAnswer } from "../../search/answer.ts";
import { runCommand } from "../../testing/child.ts";
import { assertFailure, jsonOf, request } from "../../testing/http.ts";
import { startProgram } from "../../testing/program.ts";
import { programCommand, runnerUnderTest } from "../../testing/runner.ts";
import { slow, useService } from "../../testing/service.ts";

const INVOICE = `# Invoice INV-2023-001

## Payment

The net amount of 1200 EUR is due within thirty days. Late payments cost interest.

## Delivery

The goods were received in Jakarta by the harbour office, and nobody complained about them then.
`;

const REPORT = `# Annual report

The harbour of Jakarta handled more goods than ever. Its office received many complaints about late ships.
`;

const JAPANESE = "# 報告\n\n東京都の会社は請求書を送った。\n";

describe("search", () => {
  const service = useService();
  const search = async (parameters: Record<string, string>): Promise<SearchAnswer> => {
    const reply = await request(`${service.url}/search?${new URLSearchParams(parameters)}`);
    assert.equal(reply.status, 200, reply.text);
    return jsonOf(reply) as SearchAnswer;
  };
  const runsOf = ({ hits }: SearchAnswer) => hits.map(({ run_id }) => run_id);
  const whenIndexed = () =>
    pollUntil("all runs are indexed", async () => {
      const { unindexed } = await search({ q: "nothing" });
      return unindexed === 0 ? true : null;
    });

  before(async () => {
    await completeRun(service.url, { source: INVOICE, workflowId: "invoice" });
    await completeRun(service.url, { source: REPORT, workflowId: "report" });
    await completeRun(service.url, { source: JAPANESE, workflowId: "japanese" });
    await completeRun(service.url, { source: INVOICE, workflowId: "invoice-again" });
    await whenIndexed();
  }, slow);

  test("finds a chunk by its words, and says where it is and why it matched", slow, async () => {
    const { total, hits, unindexed } = await search({ q: "payment interest" });
    const [hit] = hits;
    assert.ok(hit);
    assert.deepEqual([total, hits.length, unindexed], [2, 1, 0]);
    assert.deepEqual(
      [hit.title, hit.heading_path, hit.media_type, hit.doubtful, hit.duplicates],
      ["Invoice INV-2023-001", ["Invoice INV-2023-001", "Payment"], "text/markdown", false, 1],
    );
    assert.deepEqual(hit.matched, [
      ["payment", "word"],
      ["payments", "form"],
      ["interest", "word"],
    ]);
    const marked = hit.snippet.highlights.map(([start, end]) => hit.snippet.text.slice(start, end));
    assert.ok(marked.includes("payments") && marked.includes("interest"), marked.join());
    const docir = (await request(`${service.url}/artifacts/${hit.run_id}:docir`)).text;
    const { text } = (JSON.parse(docir) as { content: { text: string } }).content;
    assert.equal(text.slice(...hit.source.span).toLowerCase(), "payment");
    assert.ok(text.slice(...hit.span).includes("cost interest"));
    assert.equal(hit.artifact_id, `${hit.run_id}:chunk-index`);
  });

  test("takes phrases, exclusions, prefixes and other forms", slow, async () => {
    assert.deepEqual(runsOf(await search({ q: '"net amount"' })), ["invoice"]);
    assert.deepEqual(runsOf(await search({ q: '"amount net"' })), []);
    assert.deepEqual(runsOf(await search({ q: "harbour -complaints" })), ["invoice"]);
    assert.deepEqual(runsOf(await search({ q: 'harbour -"harbour office"' })), ["report"]);
    assert.deepEqual(runsOf(await search({ q: "complain*" })).sort(), ["invoice", "report"]);
    assert.deepEqual(runsOf(await search({ q: "complaining" })), ["invoice"]);
  });

  test("forgives a typo and says so", slow, async () => {
    const { hits, did_you_mean } = await search({ q: "paymnet  harbuor" });
    assert.equal(did_you_mean, "payment  harbour");
    assert.deepEqual(
      new Set(hits.flatMap(({ matched }) => matched.map(([, kind]) => kind))),
      new Set(["similar"]),
    );
    const nothing = await search({ q: "xylophone" });
    assert.deepEqual(
      [nothing.total, nothing.hits, nothing.next, nothing.did_you_mean],
      [0, [], null, undefined],
    );
  });

  test("finds words of scripts without blanks", slow, async () => {
    for (const q of ["請求書", "東京", "会", '"東京都"'])
      assert.deepEqual(runsOf(await search({ q })), ["japanese"], q);
    const [hit] = (await search({ q: "請求書" })).hits;
    assert.deepEqual(
      hit?.snippet.highlights.map(([start, end]) => hit.snippet.text.slice(start, end)),
      ["請求書"],
    );
  });

  test("filters by document, run, status, time, page and doubt", slow, async () => {
    assert.equal((await search({ q: "jakarta", run: "report" })).total, 1);
    assert.equal((await search({ q: "jakarta run:report type:md" })).total, 1);
    assert.equal((await search({ q: "jakarta", type: "html" })).total, 0);
    assert.equal((await search({ q: "jakarta", status: "done" })).total, 3);
    assert.equal((await search({ q: "jakarta", status: "error" })).total, 0);
    assert.equal((await search({ q: "jakarta after:2020-01-01" })).total, 3);
    assert.equal((await search({ q: "jakarta before:2020-01-01" })).total, 0);
    assert.equal((await search({ q: "jakarta", page: "1" })).total, 0);
    assert.equal((await search({ q: "jakarta has:doubt" })).total, 0);
    assert.equal((await search({ q: "run:japanese" })).total, 1);
  });

  test("gives every hit once, page by page, also when runs are added between the pages", slow, async () => {
    const all = runsAndChunks(await search({ q: "the goods office report payment", limit: "100" }));
    assert.ok(all.length >= 3);
    const first = await search({ q: "the goods office report payment", limit: "1" });
    const seen = runsAndChunks(first);
    const run = await startRun(service.url, "# Goods\n\nThe goods of the office: a payment report.\n");
    await waitForEnd(service.url, run);
    await whenIndexed();
    for (let cursor = first.next; cursor !== null; ) {
      const page = await search({ q: "the goods office report payment", limit: "1", cursor });
      assert.equal(page.total, first.total);
      seen.push(...runsAndChunks(page));
      cursor = page.next;
    }
    assert.deepEqual(seen, all);
  });

  test("has a page with the same answer", slow, async () => {
    const page = (query: string) =>
      request(`${service.url}/search${query}`, { headers: { accept: "text/html" } });
    const found = await page("?q=payment&run=invoice");
    assert.equal(found.status, 200);
    assert.match(found.text, /<mark>Payment<\/mark>/);
    assert.match(found.text, /href="\/artifacts\/invoice:docir\?span=\d+-\d+#cited"/);
    assert.equal((await page("")).status, 200);
    const refused = await page("?q=net+%22amount");
    assert.equal(refused.status, 400);
    assert.match(refused.text, /<code>net <\/code>\s*<mark>(?:"|&#34;|&quot;)amount<\/mark>/);
  });

  test("refuses what it cannot read, with the place of the fault", slow, async () => {
    const message = "A query parameter has a value that is not accepted.";
    const refuse = async (query: string, detail: Record<string, unknown>) =>
      assertFailure(await request(`${service.url}/search${query}`), 400, {
        error: "invalid_query",
        message,
        ...detail,
      });
    await refuse("", { field: "q", at: 0, reason: "has no word to search for" });
    await refuse("?q=net+%22amount", {
      field: "q",
      at: 4,
      reason: "has a quotation mark that is not closed",
    });
    await refuse("?q=net&page=x", {
      field: "page",
      at: 0,
      reason: "takes a page such as 3, or pages such as 3-5",
    });
    await refuse("?q=net&limit=0", { field: "limit", reason: "takes a number from 1 to 100" });
    await refuse("?q=net&cursor=9.9.9.00000000", { field: "cursor", reason: "belongs to another search" });
    await refuse("?q=net&cursor=x", { field: "cursor", reason: "takes the next of an earlier answer" });
  });

  test("gives the same after the index was made again, from the command line", slow, async () => {
    const before = await search({ q: "jakarta payment", limit: "100" });
    const run = async (...args: string[]) => {
      const env = { DBOS_SYSTEM_DATABASE_URL: service.database.url };
      const { code, stdout, stderr } = await runCommand([...programCommand(runnerUnderTest()), ...args], {
        env,
      });
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const { runs, chunks } = await run("reindex");
    assert.deepEqual([runs, chunks > runs], [5, true]);
    assert.deepEqual(await search({ q: "jakarta payment", limit: "100" }), before);
    assert.deepEqual(await run("search", "jakarta", "payment", "--limit", "100"), before);
  });

  test(
    "hides a run at once whose bytes are deleted, and leaves out a chunk whose bytes are altered",
    slow,
    async () => {
      const session = await service.database.connect();
      await session.query("set session_replication_role = replica");
      await session.query(
        `update jejakekal.blob set bytes = overlay(bytes placing 'JAKARTA' from position('Jakarta'::bytea in bytes))
        where sha256 = (select sha256 from jejakekal.artifact where run_id = 'report' and type = 'chunk-index')`,
      );
      assert.ok(!runsOf(await search({ q: "jakarta" })).includes("report"));
      await session.query("set session_replication_role = origin");
      await session.query("alter table jejakekal.blob disable trigger append_only_rows");
      await session.query(
        `delete from jejakekal.blob where sha256 in
        (select sha256 from jejakekal.artifact where run_id = 'japanese' and type = 'chunk-index')`,
      );
      const { total } = await search({ q: "東京" });
      assert.equal(total, 0);
    },
  );

  // It comes last, because the service does not live on.
  test("is exact after the program was killed while it wrote the index", slow, async () => {
    const { database, program } = service;
    const session = await database.connect();
    await session.query("begin");
    await session.query("lock table jejakekal.search_segment in share mode");
    await completeRun(service.url, {
      source: "# Airship\n\nA zeppelin over the harbour.\n",
      workflowId: "killed",
    });
    await pollUntil("the index is being written", async () => {
      const waiting = await database.query(
        "select 1 from pg_locks where relation = 'jejakekal.search_segment'::regclass and not granted",
      );
      return waiting.length > 0;
    });
    await program.kill9();
    await session.query("rollback");
    await using next = await startProgram({ database });
    const found = await pollUntil("all runs are indexed", async () => {
      const answer = jsonOf(await request(`${next.url}/search?q=zeppelin`)) as SearchAnswer;
      return answer.unindexed === 0 ? answer : null;
    });
    assert.deepEqual([found.total, runsOf(found)], [1, ["killed"]]);
    const wrong = await database.query(
      `select c.run_no, c.at from jejakekal.search_chunk c
         left join jejakekal.search_run r on r.run_no = c.run_no
         left join jejakekal.search_segment s on c.chunk >= s.first_chunk and c.chunk < s.first_chunk + s.chunks
        group by c.run_no, c.at having count(*) <> 1 or count(r.run_no) <> 1 or count(s.segment_id) <> 1`,
    );
    assert.deepEqual(wrong, [], "each chunk once, in one segment, of a run that is known");
  });
});

function runsAndChunks({ hits }: SearchAnswer): string[] {
  return hits.map(({ run_id, chunk_id }) => `${run_id} ${chunk_id}`);
}
