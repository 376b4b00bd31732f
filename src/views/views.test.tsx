import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import { functionIdOf } from "../domain/run.ts";
import { FAILURES } from "../failure.ts";
import { attemptsOf, runMarks, stepMarks } from "../projection/marks.ts";
import { subjectOfRun, titleOfRun } from "../projection/run-words.ts";
import {
  renderChangeForm,
  renderChangePage,
  renderFirstCommands,
  renderHelp,
  renderPoll,
} from "./fragments.tsx";
import { commands, journalOf, longRun, NO_PARAMS, NOW, runOf } from "./gallery/data.ts";
import { GALLERY_CASES, renderGallery } from "./gallery/gallery.tsx";
import type { AssetUrls, CommandListModel, DataState, ExecutionModel } from "./model.ts";
import { dataStateOf } from "./run/run-status.tsx";

const ASSETS: AssetUrls = {
  css: "/a.css",
  htmx: "/h.js",
  script: "/s.js",
  tray: "/t.js",
  icons: { idle: "/i.svg", running: "/i-run.svg", done: "/i-done.svg", error: "/i-error.svg" },
  display: "/d.js",
  review: "/r.js",
  runs: "/runs.js",
  reading: "/read.js",
  pdfLibrary: "/pdf.js",
};
const RAW_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i;

/** The attributes that have an ampersand which is not part of a character reference. */
function rawAmpersands(html: string): string[] {
  const tags = html.match(/<[a-z][^<>]*(?:"[^"]*"[^<>]*)*>/gi) ?? [];
  return tags.flatMap((tag) => tag.match(/[\w-]+="[^"]*"/g) ?? []).filter((one) => RAW_AMPERSAND.test(one));
}

const page = (name: string) => renderGallery(ASSETS, new URLSearchParams({ case: name }));

function model(
  dbosStatus: string,
  more: Partial<Extract<ExecutionModel, { kind: "run" }>> = {},
): ExecutionModel {
  return {
    kind: "run",
    run: runOf(dbosStatus),
    journal: null,
    nowEpochMs: NOW,
    step: null,
    from: null,
    poll: null,
    expired: false,
    deduplicated: false,
    isReadOnly: false,
    origin: "http://127.0.0.1:4110",
    params: NO_PARAMS,
    ...more,
  };
}

describe("the state of a run", () => {
  test("is idle, running, done or error for every DBOS status", () => {
    const states: Record<string, DataState> = {
      PENDING: "running",
      ENQUEUED: "running",
      DELAYED: "running",
      SUCCESS: "done",
      ERROR: "error",
      CANCELLED: "error",
      MAX_RECOVERY_ATTEMPTS_EXCEEDED: "error",
      RETRIES_EXCEEDED: "error",
      "SOMETHING NEW": "error",
    };
    for (const [dbosStatus, state] of Object.entries(states)) {
      assert.equal(dataStateOf(model(dbosStatus)), state, dbosStatus);
    }
    assert.equal(dataStateOf({ kind: "idle" }), "idle");
    assert.equal(dataStateOf(model("PENDING", { expired: true })), "error");
  });

  test("offers resume only for a resumable status, and cancel only for a running run", () => {
    const offers = (dbosStatus: string) => {
      const html = renderPoll(model(dbosStatus), null);
      return [html.includes("act-cancel"), html.includes("act-resume")];
    };
    assert.deepEqual(offers("PENDING"), [true, false]);
    assert.deepEqual(offers("CANCELLED"), [false, true]);
    assert.deepEqual(offers("MAX_RECOVERY_ATTEMPTS_EXCEEDED"), [false, true]);
    for (const status of ["SUCCESS", "ERROR", "SUSPENDED"])
      assert.deepEqual(offers(status), [false, false], status);
  });

  test("polls only while the run is running", () => {
    const poll = { url: "/ui/runs/a/poll", everyMs: 1_000 };
    assert.match(renderPoll(model("PENDING", { poll }), null), /id="exec"[^>]*hx-trigger="every 1s"/);
    assert.doesNotMatch(renderPoll(model("SUCCESS"), null), /every/);
  });
});

describe("a failed poll", () => {
  const failing = (status: number): ExecutionModel => ({
    kind: "problem",
    problem: { status, code: "internal_error", message: "Wrong.", detail: {}, transient: false },
    runId: "a",
    poll: null,
  });

  test("replaces only the status after a 5xx, so the run stays visible and the page polls again", () => {
    const html = renderPoll(failing(500), null);
    assert.match(html, /id="run-status" data-state="error"/);
    assert.doesNotMatch(html, /id="exec"|id="artifacts"/);
  });

  test("replaces the run after a 404", () => {
    assert.match(renderPoll(failing(404), null), /id="exec"/);
  });
});

describe("a polled run", () => {
  const versionOfRun = (shown: ExecutionModel) =>
    /id="exec"[^>]*data-version="([^"]+)"/.exec(renderPoll(shown, null))?.[1] ?? "none";
  const asleep = runOf("PENDING", { done: 2 });
  const wakesAt = asleep.timeline[1]?.completed_at_epoch_ms ?? 0;

  test("keeps its version when only the poll address and the clock change", () => {
    const poll = (polls: number) => ({ url: `/ui/runs/a/poll?polls=${polls}`, everyMs: 100 * polls });
    const first = versionOfRun(model("PENDING", { poll: poll(1) }));
    assert.equal(versionOfRun(model("PENDING", { poll: poll(2), nowEpochMs: NOW + 5_000 })), first);
    assert.notEqual(versionOfRun(model("SUCCESS")), first);
  });

  test("is asleep until the planned end of its sleep, and not after it", () => {
    const at = (nowEpochMs: number) => model("PENDING", { run: asleep, nowEpochMs });
    assert.match(renderPoll(at(wakesAt - 1_000), null), /Asleep until/);
    assert.doesNotMatch(renderPoll(at(wakesAt + 1), null), /Asleep until|asleep/);
    assert.notEqual(versionOfRun(at(wakesAt - 1_000)), versionOfRun(at(wakesAt + 1)));
  });

  test("names the running step and its failed attempts", () => {
    const journal = journalOf("a", ["attempt_failed", { step: "docir", attempt: 1, code: "ECONNRESET" }]);
    const html = renderPoll(model("PENDING", { run: asleep, nowEpochMs: wakesAt + 1, journal }), null);
    assert.match(html, /class="under-way"[\s\S]*docir is running[\s\S]*docir, attempt 1: ECONNRESET/);
  });
});

describe("a refresh of the command list", () => {
  const commandList = (
    more: Partial<Extract<CommandListModel, { kind: "list" }>> = {},
  ): CommandListModel => ({
    kind: "list",
    list: { commands: commands(), next: 42 },
    filters: { status: "", q: "", before: "" },
    nowEpochMs: Math.floor(NOW / 60_000) * 60_000,
    currentRunId: null,
    pathname: "/",
    params: NO_PARAMS,
    ...more,
  });
  const versionOfLines = (model: CommandListModel) =>
    /id="commands-first" data-version="([^"]+)"/.exec(renderFirstCommands(model))?.[1] ?? "none";

  test("keeps its version while nothing changes, and gets another when a run changes", () => {
    const now = Math.floor(NOW / 60_000) * 60_000;
    const before = versionOfLines(commandList());
    assert.equal(versionOfLines(commandList({ nowEpochMs: now + 30_000 })), before);
    const list = { commands: commands().slice(1), next: 42 };
    assert.notEqual(versionOfLines(commandList({ list })), before);
  });

  test("happens every 5 s while a run is running, and every 20 s otherwise", () => {
    const ended = commands().filter(({ run }) => run.status !== "running");
    assert.match(renderFirstCommands(commandList()), /hx-trigger="runs-changed from:body, every 5s"/);
    const quiet = commandList({ list: { commands: ended, next: null } });
    assert.match(renderFirstCommands(quiet), /hx-trigger="runs-changed from:body, every 20s"/);
  });
});

describe("marks", () => {
  test("show what happened to a run", () => {
    const words = (header: object, deduplicated = false) =>
      runMarks(runOf("SUCCESS", header), { journal: null, deduplicated }).map(({ word }) => word);
    assert.deepEqual(words({}), []);
    assert.deepEqual(words({ recovery_attempts: 2 }), ["recovered"]);
    assert.deepEqual(words({ recovery_attempts: 4 }), ["recovered 3 times"]);
    assert.deepEqual(words({ taken_up_at: 5 }), ["resumed"]);
    assert.deepEqual(words({ forked_from: "x" }, true), ["deduplicated", "forked"]);
  });

  test("come from the journal when there is one", () => {
    const run = runOf("SUCCESS", { recovery_attempts: 4, taken_up_at: 5 });
    const journal = journalOf(
      run.run_id,
      ["deduplicated", {}],
      ["recovered", { gap_ms: 1_240 }],
      ["resumed", { via: "api" }],
      ["exported", {}],
    );
    const marks = runMarks(run, { journal, deduplicated: false });
    assert.deepEqual(
      marks.map(({ word }) => word),
      ["deduplicated", "recovered", "resumed", "exported"],
    );
    assert.match(marks[1]?.why ?? "", /after a gap of 1\.2 s/);
  });

  test("distinguish steps with a stored result from steps that ran again", () => {
    const run = runOf("SUCCESS", { recovery_attempts: 2, taken_up_at: NOW - 50_000 });
    const words = run.timeline.map((step) => stepMarks(step, run).map(({ word }) => word));
    assert.deepEqual(words.slice(0, 3), [["from checkpoint"], [], ["2 attempts"]]);
    assert.deepEqual(words[functionIdOf("side-effect")], ["once"]);
  });
});

describe("the list of runs", () => {
  const html = page("runs as a list") ?? "";

  test("shows of each run its step, what is to review, its times and its forks", () => {
    assert.match(html, /<td data-label="Step">docir<\/td>/);
    assert.match(html, /<a href="\/review\?run=[^"]+">3<\/a>/);
    assert.match(html, /<td data-label="Waited">900 ms<\/td>/);
    assert.match(html, /continued by <a href="\/runs\/c1">c1<\/a>/);
    assert.match(html, /fork of <a href="\/runs\/b7d0c1aa-[^"]+">b7d0c1aa<\/a>/);
    assert.match(html, /&lt;b(?:>|&gt;)A status of a later version/);
  });

  test("keeps the other filters in each link and in the form, and drops a filter that is chosen again", () => {
    const kept = "q=harbour\\+%26\\+%3Cb%3E";
    assert.match(html, new RegExp(`href="/runs\\?${kept}&amp;type=pdf&amp;order=oldest"`));
    assert.match(html, new RegExp(`href="/runs\\?${kept}" aria-current="true">oldest first`));
    assert.match(html, new RegExp(`aria-sort="ascending"><a href="/runs\\?${kept}">Started<`));
    assert.match(html, new RegExp(`<th scope="col"><a href="/runs\\?${kept}&amp;order=-waited">Waited<`));
    assert.match(html, /<input type="hidden" name="order" value="oldest"/);
    assert.match(
      html,
      new RegExp(`href="/runs\\?${kept}&amp;order=oldest&amp;before=run-7"[^>]*>Newer runs`),
    );
  });
});

describe("every view in every state", () => {
  for (const name of GALLERY_CASES) {
    test(`${name}: has each id of the contract once, and no inline script or style`, () => {
      const html = page(name);
      const hasPlanes = html.includes('class="planes"');
      for (const id of [
        "conversation-plane",
        "execution-plane",
        "artifact-plane",
        "timeline",
        "artifacts",
        "conv",
        "exec",
        "artifact-view",
        "notice",
      ]) {
        if (hasPlanes || (id === "exec" && html.includes(' id="exec"')))
          assert.equal(html.split(` id="${id}"`).length - 1, 1, id);
      }
      assert.doesNotMatch(html, / hx-/, "the gallery sends no requests");
      assert.equal(/<script>|\sstyle=|\son[a-z]+="|javascript:/i.test(html), false);
      assert.deepEqual(rawAmpersands(html), [], "an ampersand in an attribute is escaped");
      assert.equal(/\[object |>undefined<|>null<|NaN/.test(html), false);
    });
  }

  test("shows a text for a broken chain, for bytes that are not text, for a document without text and for empty lists", () => {
    const words = {
      "a broken journal": "chain broken at event 1",
      "raw, binary": "is not text. ",
      "memo, without text": "The document has no text.",
      "all artifacts, none": "No artifact matches this search.",
      "no answer, retrying": "This page tries again by itself.",
      exported: "Exported to",
      "cancelled before it made anything": "This run made no artifacts.",
      "a malformed address": "This page does not exist",
    };
    for (const [name, said] of Object.entries(words)) assert.ok(page(name).includes(said), name);
  });

  test("has a case of every artifact type", () => {
    assert.deepEqual(
      ARTIFACT_TYPES.filter((type) => !GALLERY_CASES.includes(type)),
      [],
    );
  });

  test("every focusable element of a run has an id, so that a poll can restore the focus", () => {
    for (const name of ["recovered", "failed", "forked", "cancelled", "two thousand steps", "no such run"]) {
      const [, pane = ""] = /<div id="exec"([\s\S]*)<section id="artifact-plane"/.exec(page(name)) ?? [];
      for (const [element] of pane.matchAll(/<(?:a|button|summary)\b[^>]*>/g))
        assert.match(element, / id="[^"]+"/, name);
    }
  });

  test("text of a document is never markup", () => {
    const html = page("raw, hostile");
    assert.ok(/&lt;script(>|&gt;)alert\(1\)/.test(html));
    assert.equal(/<img src=x/.test(html), false);
    assert.ok(html.length < 70_000, "a long line is cut");
  });

  test("an artifact names its inputs, and a running run has places for the missing artifacts", () => {
    const html = page("running");
    assert.match(html, /id="artifact-chunk-index"[\s\S]*?from docir</);
    const shown = ARTIFACT_TYPES.filter((type) => html.includes(`id="artifact-${type}"`));
    assert.deepEqual(shown, ["raw", "docir", "chunk-index"]);
    assert.equal(html.split('class="missing"').length - 1, ARTIFACT_TYPES.length - shown.length);
    assert.doesNotMatch(page("done"), /class="missing"/);
  });

  test("the time axis shows its ends and the real length of each shortened period", () => {
    const html = page("done");
    assert.match(html, /class="break-labels"[\s\S]*?<text[^>]*>1 min 30 s</);
    assert.match(html, /class="axis-ends"><time[^>]*>14:03:55<\/time><time[^>]*>14:05:25</);
    assert.match(page("running"), /class="axis-ends"><time[^>]*>14:03:55<\/time>now</);
  });

  test("a page says once that a run or an artifact is missing, and once that a run was cancelled", () => {
    const times = (name: string, text: string) => page(name).split(text).length - 1;
    assert.equal(times("no such run", FAILURES.run_not_found), 1);
    assert.equal(times("no such artifact", FAILURES.artifact_not_found), 1);
    assert.match(
      page("cancelled"),
      /<strong>Cancelled<\/strong><span class="status-aside">after 35 s<\/span>/,
    );
  });

  test("a sleep that the end of the run cut short shows how long it lasted", () => {
    assert.match(
      page("cancelled"),
      /DBOS\.sleep<[\s\S]*?ended 35 s into this sleep of 1 min 30 s[\s\S]*?cut short<[\s\S]*?class="step-time">35 s<[\s\S]*?planned end</,
    );
    assert.doesNotMatch(page("done"), /cut short/);
  });

  test("a retried step lists its failed attempts", () => {
    assert.match(page("recovered"), /id="step-2"[\s\S]*docir, attempt 1: ECONNREFUSED[\s\S]*id="step-3"/);
  });

  test("the attempts at a step are counted once, from its record and from the journal", () => {
    const [step] = runOf("SUCCESS").timeline;
    assert.ok(step !== undefined);
    assert.equal(attemptsOf({ ...step, attempt: null }, 2), 3, "the journal knows of two that failed");
    assert.equal(attemptsOf({ ...step, attempt: 3 }, 2), 3);
    const error = { code: "FAILED_DOCUMENT", message: "Wrong." };
    assert.equal(attemptsOf({ ...step, attempt: null, error }, 2), 2, "the last one failed too");
    assert.doesNotMatch(page("recovered"), /<dt>attempts/);
  });

  test("the help has the bar of every page, and explains the signs", () => {
    const html = renderHelp(ASSETS, false);
    assert.match(html, /<header class="top">[\s\S]*href="\/artifacts"/);
    assert.match(html, /data-status="cancelled"[\s\S]*class="bar-break"[\s\S]*from checkpoint/);
  });

  test("all artifacts have one row for each run, opened by its title", () => {
    const html = page("all artifacts");
    assert.equal(html.split("<tr>").length - 1, 2, "the heading and one run");
    assert.match(
      html,
      /<td><a class="artifact-title" href="\/artifacts\/[^"]+:memo"[^>]*>Harbour report, second quarter<\/a>/,
    );
    for (const type of ARTIFACT_TYPES) assert.match(html, new RegExp(`href="/artifacts/[^"]+:${type}"`));
  });

  test("a run has the title of its document, and in the tab its state first", () => {
    assert.equal(titleOfRun(runOf("PENDING", { done: 1 })), "harbour.md");
    assert.equal(subjectOfRun(runOf("SUCCESS")), "Done: Harbour report, second quarter");
    assert.equal(subjectOfRun(runOf("CANCELLED")), "Cancelled: Harbour report, second quarter");
    assert.match(page("done"), /<h3 dir="auto"[^>]*>Harbour report, second quarter<\/h3>/);
    assert.match(renderPoll(model("SUCCESS"), "Done: x"), /^<title>Done: x<\/title>/);
    assert.doesNotMatch(renderPoll(model("SUCCESS"), null), /^<title>/);
  });

  test("a run that ended in error says why in one sentence, and who continued it", () => {
    assert.match(page("failed"), /class="cause"><span>The run failed at step 6, finalize\.<\/span>/);
    assert.match(
      page("failed, continued by a fork"),
      /A fork continued it:[\s\S]*href="\/runs\/nightly-import"/,
    );
    assert.match(page("retries exceeded"), /ended too often, so it was given up/);
    assert.doesNotMatch(page("done"), /class="cause"/);
  });

  test("a run offers the one action that suits its state", () => {
    const actions = (name: string) =>
      [...page(name).matchAll(/id="act-(cancel|resume|retry)"/g)].map(([, id]) => id);
    assert.deepEqual(actions("running"), ["cancel"]);
    assert.deepEqual(actions("cancelled"), ["resume"]);
    assert.deepEqual(actions("retries exceeded"), ["resume"]);
    assert.deepEqual(actions("failed"), ["retry"]);
    assert.deepEqual(actions("done"), []);
    assert.match(page("failed"), /name="from_step" value="6"[\s\S]*?Retry from finalize</);
  });

  test("a run always shows all of its steps", () => {
    const steps = (name: string) => {
      const html = page(name);
      const [, coming = ""] = /<ol class="to-come"[^>]*>([\s\S]*?)<\/ol>/.exec(html) ?? [];
      return [html.split('class="step"').length - 1, coming.split("<li>").length - 1];
    };
    assert.deepEqual(steps("running"), [4, 2], "the fifth step is under way");
    assert.deepEqual(steps("starting"), [0, 6]);
    assert.deepEqual(steps("cancelled"), [2, 5]);
    assert.deepEqual(steps("done"), [7, 0]);
    assert.match(page("cancelled"), /aria-label="Steps that did not run"/);
  });

  test("the form for a reason is sent by htmx in a dialog, and by the browser on a page of its own", () => {
    const change = { runId: "run-7", verb: "cancel", title: "Harbour report" } as const;
    assert.match(renderChangeForm(change), /<form [^>]*hx-post="\/ui\/runs\/run-7\/cancel"/);
    const form = /<form class="change-form"[^>]*>/.exec(renderChangePage("Cancel", ASSETS, change))?.[0];
    assert.equal(form, '<form class="change-form" method="post" action="/ui/runs/run-7/cancel">');
  });

  test("a batch names itself to the script, unless the service gave no batch", () => {
    assert.match(page("a batch under way"), / id="batch" data-batch="[^"]+" data-state="running"/);
    assert.match(page("no such batch"), / id="batch" data-state="error"/);
  });

  test("a time on another day has its day", () => {
    assert.match(
      page("asleep until tomorrow"),
      /Asleep until <time[^>]*>tomorrow 14:02<\/time> <span data-zone="[^"]+T14:02:[^"]+">UTC<\/span><span>, in 23 h 57 min/,
    );
    assert.match(
      page("asleep"),
      /Asleep until <time[^>]*>14:05:25<\/time> <span data-zone="[^"]+T14:05:25[^"]+">UTC<\/span><\/span>/,
    );
  });

  test("the lineage of a run has its parent above, its forks below, and places for what is not made", () => {
    const fork = page("forked");
    assert.match(fork, /id="lineage-parent"[^>]*>/);
    assert.match(
      fork,
      /raw of the parent run, sha256 [^;]*; then[\s\S]*Forked from run nightly-import at memo\./,
    );
    assert.equal(fork.split('data-state="of-parent"').length - 1, 3);
    const parent = page("recovered");
    assert.match(parent, /Run nightly-import is a fork from memo on\./);
    assert.match(parent, /id="lineage-fork-0" href="\/runs\/nightly-import"/);
    assert.match(page("asleep"), /docir: not made; then/);
    assert.equal(page("asleep").split('data-state="missing"').length - 1, 4);
  });

  test("a fork has a time axis of its own, and sets the steps of its parent apart", () => {
    const html = page("forked");
    assert.equal(html.split('data-of-parent="true"').length - 1, 4);
    assert.match(html, /class="axis-label">3 steps · 27 ms of work/);
    assert.match(
      html,
      /id="step-0"[\s\S]*?<svg class="track"[^>]*><path class="bar-break"[^>]*\/?>(<\/path>)?<\/svg>/,
    );
  });

  test("a page without a run shows the overview, and without any run what it is for", () => {
    const html = page("overview");
    assert.match(html, /href="\/runs\?status=running"><b>3<\/b>/);
    assert.match(html, /<b>1,204<\/b>/);
    assert.match(html, /Last failures[\s\S]*The step failed\. The log has the details\./);
    assert.match(page("idle, nothing yet"), /The steps of a run appear here/);
  });

  test("a fork is offered only from a step whose predecessors completed", () => {
    assert.match(page("done"), /id="fork-6"/);
    assert.match(page("failed"), /id="fork-6"/);
    assert.doesNotMatch(page("two thousand steps"), /id="fork-1234"/);
  });

  test("a page of steps opens no step, and links to the first failed step", () => {
    const html = page("two thousand steps");
    assert.match(html, /href="\/runs\/[^"?]+\?from=200"/);
    assert.match(html, /href="\/runs\/[^"?]+\?step=1234">\s*First failed/);
    const paged = renderPoll(model("SUCCESS", { run: longRun(), from: 200 }), null);
    assert.match(paged, /id="step-200"/);
    assert.doesNotMatch(paged, /id="step-\d+" open/);
  });

  test("two thousand steps fit on pages of a few hundred kilobytes", () => {
    const html = page("two thousand steps");
    assert.ok(html.length < 400_000, String(html.length));
    assert.match(html, /id="step-1234" open/);
  });
});
