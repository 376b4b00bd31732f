/** Scenarios of the pages. There may be no browser, so the pages are fetched with the headers that htmx sends. */
import { startRun, waitForEnd } from "../client.ts";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import { pollUntil } from "../poll.ts";
import { ask, post } from "./client.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

const PLANES = [
  "conversation-plane",
  "execution-plane",
  "artifact-plane",
  "run-status",
  "timeline",
  "artifacts",
];
const PAGE = { accept: "text/html" };
const HTMX = { ...PAGE, "hx-request": "true" };

export const pageScenarios: readonly Scenario[] = [
  { id: "2", title: "Three planes, a command with sleepMs, idle to done", run: runThreePlanes },
  { id: "11", title: "Selectors and states of the pages", run: runSelectors },
];

async function runThreePlanes({ program, check }: ScenarioContext): Promise<void> {
  const home = `${program.ui}/?sleepMs=250`;
  const { text: page } = await ask(home, { headers: PAGE });
  const missing = missingIds(page);
  check(
    `GET ${home}`,
    PLANES.map((id) => `#${id}`).join(" "),
    missing.length === 0 ? "all there" : `missing: ${missing}`,
    missing.length === 0,
  );
  check("#run-status[data-state]", "idle", stateOf(page), stateOf(page) === "idle");

  const form = new FormData();
  form.set("cmd", "/doc alpha beta gamma");
  form.set("sleepMs", "250");
  const answer = await ask(`${program.ui}/ui/runs`, {
    method: "POST",
    body: form,
    headers: { ...HTMX, "hx-current-url": home },
  });
  const address = answer.headers.get("hx-push-url") ?? "";
  const runId = /^\/runs\/([^/?]+)/.exec(address)?.[1] ?? "";
  check(
    "the command /doc alpha beta gamma, once",
    "opens a run",
    `${answer.status} ${address}`,
    runId !== "",
  );
  check("#run-status[data-state]", "running", stateOf(answer.text), stateOf(answer.text) === "running");
  const trigger = /hx-trigger="(every [^"]*)"/.exec(answer.text)?.[1];
  check("#exec[hx-trigger]", "every 1s while it runs", trigger, trigger === "every 1s");

  const last = await pollUntil("the pages say done", async () => {
    const { text } = await ask(`${program.ui}${address}`, { headers: PAGE });
    return stateOf(text) === "running" ? null : text;
  });
  check("#run-status[data-state]", "done", stateOf(last), stateOf(last) === "done");
  const steps = ["prepare", "DBOS.sleep", "side-effect", "finalize"];
  const shown = steps.filter((step) => last.includes(step));
  check("#timeline", steps.join(", "), shown, shown.length === steps.length);
  const made = ARTIFACT_TYPES.filter((type) => last.includes(`id="artifact-${type}"`));
  check("#artifacts", ARTIFACT_TYPES.join(", "), made, made.length === ARTIFACT_TYPES.length);
  const { text: viewer } = await ask(`${program.ui}/artifacts/${runId}:memo`, { headers: PAGE });
  check(
    `GET /artifacts/${runId}:memo`,
    "the whole page, for a new tab",
    missingIds(viewer),
    missingIds(viewer).length === 0,
  );
}

async function runSelectors({ program, check, repository }: ScenarioContext): Promise<void> {
  const runId = await startRun(program.api, { source: "selectors", sleepMs: 5 });
  await waitForEnd(program.api, runId);
  const url = `${program.ui}/runs/${runId}`;
  const fragment = await ask(url, { headers: HTMX });
  check(
    "GET /runs/:id with HX-Request",
    "a fragment",
    fragment.text.slice(0, 40),
    !isWholePage(fragment.text),
  );
  const restored = await ask(url, { headers: { ...HTMX, "hx-history-restore-request": "true" } });
  check(
    "… with HX-History-Restore-Request",
    "the whole page",
    restored.text.slice(0, 40),
    isWholePage(restored.text),
  );
  const poll = await ask(`${program.ui}/ui/runs/${runId}/poll`, { headers: HTMX });
  const outOfBand = ["exec", "artifacts", "run-status"].filter((id) =>
    new RegExp(`<[^>]*id="${id}"[^>]*hx-swap-oob|<[^>]*hx-swap-oob[^>]*id="${id}"`).test(poll.text),
  );
  check(
    "GET /ui/runs/:id/poll",
    "#exec, #artifacts and #run-status out of band",
    outOfBand,
    outOfBand.length === 3,
  );
  const unknown = await ask(`${program.ui}/runs/no-such-run`, { headers: PAGE });
  check(
    "GET /runs/no-such-run",
    "data-state error, never idle",
    `${unknown.status} ${stateOf(unknown.text)}`,
    stateOf(unknown.text) === "error",
  );
  const { text: viewer } = await ask(`${program.ui}/artifacts/${runId}:docir`, { headers: PAGE });
  const link = new RegExp(`/runs/${runId}\\?step=\\d+`).exec(viewer)?.[0];
  check("GET /artifacts/:id", "a link to the step that made it", link, link !== undefined);
  await checkResumeButton({ program, check }, restored.text);
  check("how", "read from the pages as fetched, without a browser", "no script was run by this step", true);
  await repository?.checkLane(check, "ui:e2e");
}

/** The Resume button is shown for a cancelled run only. */
async function checkResumeButton(
  { program, check }: Pick<ScenarioContext, "program" | "check">,
  ofDone: string,
): Promise<void> {
  const runId = await startRun(program.api, { source: "to be cancelled", sleepMs: 60_000 });
  await post(`${program.api}/runs/${runId}/cancel`, "");
  const { text } = await ask(`${program.ui}/runs/${runId}`, { headers: PAGE });
  const [cancelled, done] = [text, ofDone].map((page) => page.includes('id="act-resume"'));
  const state = stateOf(text);
  check(
    "the resume button",
    "on a cancelled run, whose state is error, and not on a done one",
    { cancelled, state, done },
    cancelled === true && state === "error" && done === false,
  );
}

function missingIds(page: string): string[] {
  return PLANES.filter((id) => !page.includes(`id="${id}"`));
}

function stateOf(page: string): string {
  return /id="run-status"[^>]*data-state="([a-z]+)"/.exec(page)?.[1] ?? "none";
}

function isWholePage(text: string): boolean {
  return /^\s*<!doctype html/i.test(text) && missingIds(text).length === 0;
}
