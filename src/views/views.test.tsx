import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runMarks, stepMarks } from "../projection/marks.ts";
import { renderFirstCommands, renderPoll } from "./fragments.tsx";
import { commands, journalOf, longRun, NO_PARAMS, NOW, runOf } from "./gallery/data.ts";
import { GALLERY_CASES, renderGallery } from "./gallery/gallery.tsx";
import type { AssetUrls, CommandListModel, ExecutionModel } from "./model.ts";
import { type DataState, dataStateOf } from "./run/execution.tsx";

const ASSETS: AssetUrls = { css: "/a.css", htmx: "/h.js", script: "/s.js", icon: "/i.svg" };
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
    origin: "http://127.0.0.1:4110",
    params: NO_PARAMS,
    ...more,
  };
}

describe("the state of a run", () => {
  test("is one of idle, running, done and error, whatever DBOS says", () => {
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

  test("offers resume only where it applies, and cancel only while it runs", () => {
    const offers = (dbosStatus: string) => {
      const html = renderPoll(model(dbosStatus));
      return [html.includes("act-cancel"), html.includes("act-resume")];
    };
    assert.deepEqual(offers("PENDING"), [true, false]);
    assert.deepEqual(offers("CANCELLED"), [false, true]);
    assert.deepEqual(offers("MAX_RECOVERY_ATTEMPTS_EXCEEDED"), [false, true]);
    for (const status of ["SUCCESS", "ERROR", "SUSPENDED"])
      assert.deepEqual(offers(status), [false, false], status);
  });

  test("asks again only while there is more to come", () => {
    const poll = { url: "/ui/runs/a/poll", everyMs: 1_000 };
    assert.match(renderPoll(model("PENDING", { poll })), /id="exec"[^>]*hx-trigger="every 1s"/);
    assert.doesNotMatch(renderPoll(model("SUCCESS")), /every/);
  });
});

describe("a poll that went wrong", () => {
  const failing = (status: number): ExecutionModel => ({
    kind: "problem",
    problem: { status, code: "internal_error", message: "Wrong.", detail: {}, transient: false },
    runId: "a",
    poll: null,
  });

  test("on the side of the service renews the status alone, so the run stays and is asked for again", () => {
    const html = renderPoll(failing(500));
    assert.match(html, /id="run-status" data-state="error"/);
    assert.doesNotMatch(html, /id="exec"|id="artifacts"/);
  });

  test("because there is no such run leaves nothing of it", () => {
    assert.match(renderPoll(failing(404)), /id="exec"/);
  });
});

describe("a run that is polled", () => {
  const versionOfRun = (shown: ExecutionModel) =>
    /id="exec"[^>]*data-version="([^"]+)"/.exec(renderPoll(shown))?.[1] ?? "none";
  const asleep = runOf("PENDING", { done: 2 });
  const wakesAt = asleep.timeline[1]?.completed_at_epoch_ms ?? 0;

  test("keeps its version whenever it is asked for next, and however late it is", () => {
    const poll = (polls: number) => ({ url: `/ui/runs/a/poll?polls=${polls}`, everyMs: 100 * polls });
    const first = versionOfRun(model("PENDING", { poll: poll(1) }));
    assert.equal(versionOfRun(model("PENDING", { poll: poll(2), nowEpochMs: NOW + 5_000 })), first);
    assert.notEqual(versionOfRun(model("SUCCESS")), first);
  });

  test("is asleep until that moment, and not after it", () => {
    const at = (nowEpochMs: number) => model("PENDING", { run: asleep, nowEpochMs });
    assert.match(renderPoll(at(wakesAt - 1_000)), /Asleep until/);
    assert.doesNotMatch(renderPoll(at(wakesAt + 1)), /Asleep until|asleep/);
    assert.notEqual(versionOfRun(at(wakesAt - 1_000)), versionOfRun(at(wakesAt + 1)));
  });

  test("names the step under way, with the attempts at it that failed", () => {
    const journal = journalOf("a", ["attempt_failed", { step: "docir", attempt: 1, code: "ECONNRESET" }]);
    const html = renderPoll(model("PENDING", { run: asleep, nowEpochMs: wakesAt + 1, journal }));
    assert.match(html, /class="under-way"[\s\S]*docir is under way[\s\S]*docir, attempt 1: ECONNRESET/);
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

  test("carries the same version while it says the same, and another when a run has gone on", () => {
    const now = Math.floor(NOW / 60_000) * 60_000;
    const before = versionOfLines(commandList());
    assert.equal(versionOfLines(commandList({ nowEpochMs: now + 30_000 })), before);
    const list = { commands: commands().slice(1), next: 42 };
    assert.notEqual(versionOfLines(commandList({ list })), before);
  });

  test("comes often while a run is under way, and now and then when none is", () => {
    const ended = commands().filter(({ run }) => run.status !== "running");
    assert.match(renderFirstCommands(commandList()), /hx-trigger="runs-changed from:body, every 5s"/);
    const quiet = commandList({ list: { commands: ended, next: null } });
    assert.match(renderFirstCommands(quiet), /hx-trigger="runs-changed from:body, every 20s"/);
  });
});

describe("marks", () => {
  test("say what a run went through", () => {
    const words = (header: object, deduplicated = false) =>
      runMarks(runOf("SUCCESS", header), { journal: null, deduplicated }).map(({ word }) => word);
    assert.deepEqual(words({}), []);
    assert.deepEqual(words({ recovery_attempts: 2 }), ["recovered"]);
    assert.deepEqual(words({ recovery_attempts: 4 }), ["recovered 3 times"]);
    assert.deepEqual(words({ taken_up_at: 5 }), ["resumed"]);
    assert.deepEqual(words({ forked_from: "x" }, true), ["deduplicated", "forked"]);
  });

  test("follow the journal where there is one", () => {
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

  test("tell steps that came from a checkpoint from those that ran again", () => {
    const run = runOf("SUCCESS", { recovery_attempts: 2, taken_up_at: NOW - 50_000 });
    const words = run.timeline.map((step) => stepMarks(step, run).map(({ word }) => word));
    assert.deepEqual(words.slice(0, 3), [["from checkpoint"], [], ["attempt 2"]]);
    assert.deepEqual(words[5], ["once"]);
  });
});

describe("every view in every state", () => {
  for (const name of GALLERY_CASES) {
    test(`${name}: has the ids of the contract once each, and no script or style within`, () => {
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
        if (hasPlanes || id === "exec") assert.equal(html.split(` id="${id}"`).length - 1, 1, id);
      }
      assert.doesNotMatch(html, / hx-/, "the gallery asks for nothing");
      assert.equal(/<script>|\sstyle=|\son[a-z]+="|javascript:/i.test(html), false);
      assert.equal(/\[object |>undefined<|>null<|NaN/.test(html), false);
    });
  }

  test("a broken chain, bytes that are no text, a document without text and an empty list are said in words", () => {
    const words = {
      "a broken journal": "chain broken at 1",
      "raw, binary": "not text. Download them",
      "memo, without text": "The document has no text to sum up.",
      "all artifacts, none": "None of this kind.",
      "no answer, asked again": "This page asks again by itself.",
      exported: "Exported to",
      "cancelled before it made anything": "It made none.",
      "an address that is none": "Nothing to show here",
    };
    for (const [name, said] of Object.entries(words)) assert.ok(page(name).includes(said), name);
  });

  test("whatever takes the focus in a run has a name by which a poll can give it back", () => {
    for (const name of ["recovered", "failed", "forked", "cancelled", "two thousand steps", "no such run"]) {
      const [, pane = ""] = /<div id="exec"([\s\S]*)<section id="artifact-plane"/.exec(page(name)) ?? [];
      for (const [element] of pane.matchAll(/<(?:a|button|summary)\b[^>]*>/g))
        assert.match(element, / id="[^"]+"/, name);
    }
  });

  test("what a document says is never markup", () => {
    const html = page("raw, hostile");
    assert.ok(/&lt;script(>|&gt;)alert\(1\)/.test(html));
    assert.equal(/<img src=x/.test(html), false);
    assert.ok(html.length < 60_000, "a long line is cut");
  });

  test("an artifact says what it was made of, and there is room for those to come", () => {
    const html = page("running");
    assert.match(html, /id="artifact-chunk-index"[\s\S]*?from docir</);
    assert.equal(html.split('class="awaited"').length - 1, 1);
    assert.doesNotMatch(page("done"), /class="awaited"/);
  });

  test("the time axis has its ends, and how long each shortened stretch was", () => {
    const html = page("done");
    assert.match(html, /class="break-labels"[\s\S]*?<text[^>]*>1 min 30 s</);
    assert.match(html, /class="axis-ends"><span>14:03:55<\/span><span>14:05:25</);
    assert.match(page("running"), /class="axis-ends"><span>14:03:55<\/span><span>now</);
  });

  test("a sleep that ended with its run has lasted until then, and no longer", () => {
    assert.match(
      page("cancelled"),
      /DBOS\.sleep<[\s\S]*?cut short<[\s\S]*?class="step-time">35 s<[\s\S]*?was to end</,
    );
    assert.doesNotMatch(page("done"), /cut short/);
  });

  test("a step that was tried more than once lists the attempts that failed", () => {
    assert.match(page("recovered"), /id="step-2"[\s\S]*docir, attempt 1: ECONNREFUSED[\s\S]*id="step-3"/);
  });

  test("a fork is offered from a step whose predecessors completed, and from no other", () => {
    assert.match(page("done"), /id="fork-6"/);
    assert.match(page("failed"), /id="fork-6"/);
    assert.doesNotMatch(page("two thousand steps"), /id="fork-1234"/);
  });

  test("pages of steps open and mark none, and the first that failed is a link", () => {
    const html = page("two thousand steps");
    assert.match(html, /href="\/runs\/[^"?]+\?from=200"/);
    assert.match(html, /href="\/runs\/[^"?]+\?step=1234">\s*First failed/);
    const paged = renderPoll(model("SUCCESS", { run: longRun(), from: 200 }));
    assert.match(paged, /id="step-200"/);
    assert.doesNotMatch(paged, /id="step-\d+" open/);
  });

  test("two thousand steps fit on pages of a few hundred kilobytes", () => {
    const html = page("two thousand steps");
    assert.ok(html.length < 400_000, String(html.length));
    assert.match(html, /id="step-1234" open/);
  });
});
