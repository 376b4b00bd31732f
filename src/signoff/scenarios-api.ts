/** Scenarios of the API: the happy path and typed failures. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { canonicalJsonBytes } from "../canonical-json.ts";
import { startRun, waitForEnd } from "../client.ts";
import { ARTIFACT_TYPES } from "../domain/artifact.ts";
import type { RunView } from "../projection/run-view.ts";
import { ask, askRaw, post, stepNames } from "./client.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

const BUNDLE_FILES = [
  "artifacts.json",
  "citations.json",
  "manifest.json",
  "operation_outputs.json",
  "timeline.json",
  "tool-io.json",
  "workflow_status.json",
];
const STEPS = ["prepare", "DBOS.sleep", "side-effect", "finalize"];
const SOURCE = "alpha\nbeta [low]\ngamma";

const exportSchema = z.object({
  status: z.string(),
  dbos_status: z.string(),
  artifacts: z.array(z.looseObject({ id: z.string() })),
  run_bundle_path: z.string(),
});

export const apiScenarios: readonly Scenario[] = [
  { id: "1", title: "Happy async start, poll, export", run: runHappyPath },
  { id: "3", title: "Invalid JSON: 400", run: runInvalidJson },
  { id: "4", title: "Encoded traversal: 400", run: runTraversal },
  { id: "5", title: "workflowId with another payload: 409", run: runMismatch },
  {
    id: "6",
    title: "A damaged timeline field still exports the stored artifacts",
    run: runDamagedTimeline,
  },
  { id: "10", title: "Command line, API and database say the same", run: runParity },
];

async function runHappyPath(context: ScenarioContext): Promise<void> {
  const { program, check } = context;
  const started = await post(`${program.api}/runs`, { source: SOURCE, sleepMs: 500 });
  const { run_id: runId } = z.object({ run_id: z.string() }).parse(started.json);
  check(
    "POST /runs",
    "202 with a run_id, while the work goes on",
    `${started.status} ${started.text.trimEnd()}`,
    started.status === 202,
  );
  const early = await program.psql(
    `select status from dbos.workflow_status where workflow_uuid = '${runId}'`,
  );
  check("psql: workflow_status right after the 202", "a row: the start is durable", early, early !== "");
  const run = await waitForEnd(program.api, runId);
  check(`GET /runs/${runId}, polled`, "done / SUCCESS", `${run.status} / ${run.dbos_status}`, isWell(run));
  checkOrderedSteps(context, run);
  await checkArtifacts(context, runId);
  await checkBundle(context, runId);
  const rows = await program.psql(
    `select function_id, function_name from dbos.operation_outputs where workflow_uuid = '${runId}' order by function_id`,
  );
  const expected = run.timeline
    .map(({ function_id, function_name }) => `${function_id}|${function_name}`)
    .join("\n");
  check(
    "psql: operation_outputs",
    "the rows of the timeline, in its order",
    rows.replaceAll("\n", ", "),
    rows === expected,
  );
}

function isWell({ status, dbos_status }: RunView): boolean {
  return status === "done" && dbos_status === "SUCCESS";
}

function checkOrderedSteps({ check }: ScenarioContext, run: RunView): void {
  const ids = run.timeline.map(({ function_id }) => function_id);
  check(
    "timeline[].function_id",
    "0-based and ascending",
    ids,
    ids.every((id, index) => id === index) && ids.length > 0,
  );
  const names = stepNames(run);
  check(
    "timeline[].function_name",
    `has ${STEPS.join(", ")}`,
    names,
    STEPS.every((step) => names.includes(step)),
  );
}

async function checkArtifacts({ program, check }: ScenarioContext, runId: string): Promise<void> {
  const list = await ask(`${program.api}/artifacts?type=raw&visibility=user`);
  const [first] = z
    .array(z.looseObject({ id: z.string(), run_id: z.string(), type: z.string() }))
    .parse(list.json);
  check(
    "GET /artifacts?type=raw&visibility=user",
    "the newest is this run's",
    first?.id,
    first?.run_id === runId,
  );
  const detail = await ask(`${program.api}/artifacts/${runId}:raw`);
  const keys = Object.keys(z.looseObject({}).parse(detail.json));
  check(
    `GET /artifacts/${runId}:raw`,
    "meta, content, prov",
    keys,
    ["meta", "content", "prov"].every((key) => keys.includes(key)),
  );
  const download = await ask(`${program.api}/artifacts/${runId}:raw/download`);
  check(
    `GET /artifacts/${runId}:raw/download`,
    "the source, byte for byte",
    download.text,
    download.text === SOURCE,
  );
}

async function checkBundle({ program, check }: ScenarioContext, runId: string): Promise<void> {
  const exported = exportSchema.parse((await ask(`${program.api}/runs/${runId}/export`)).json);
  const ids = exported.artifacts.map(({ id }) => id);
  check(`GET /runs/${runId}/export`, `artifacts exactly ${ARTIFACT_TYPES}`, ids, isSame(ids, ARTIFACT_TYPES));
  const files = readdirSync(exported.run_bundle_path).sort();
  check(
    `ls -1 ${exported.run_bundle_path}`,
    BUNDLE_FILES.join(", "),
    files,
    BUNDLE_FILES.every((name) => files.includes(name)),
  );
  const loose = BUNDLE_FILES.filter(
    (name) => !isCanonical(readFileSync(join(exported.run_bundle_path, name))),
  );
  check(
    "the bundle's bytes",
    "canonical JSON and a newline",
    loose.length === 0 ? "all are" : loose,
    loose.length === 0,
  );
  const manifest = z
    .looseObject({ root: z.string() })
    .parse(JSON.parse(readFileSync(join(exported.run_bundle_path, "manifest.json"), "utf8")));
  check("manifest.root", "<run-bundle-root>", manifest.root, manifest.root === "<run-bundle-root>");
}

function isCanonical(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  const canonical = new TextDecoder().decode(canonicalJsonBytes(JSON.parse(text)));
  return text === `${canonical.trimEnd()}\n`;
}

async function runInvalidJson({ program, check }: ScenarioContext): Promise<void> {
  const { status, text } = await post(`${program.api}/runs`, "{");
  const got = `${status} ${text.trimEnd()}`;
  check(
    "POST /runs with body {",
    '400 {"error":"invalid_json"}',
    got,
    got === '400 {"error":"invalid_json"}',
  );
}

async function runTraversal({ program, check }: ScenarioContext): Promise<void> {
  const refusals = [
    ["/runs/%2E%2E", '400 {"error":"invalid_run_id","field":"run_id"}'],
    ["/runs/..%2Fx/export", '400 {"error":"invalid_run_id","field":"run_id"}'],
    ["/artifacts/%2E%2E", '400 {"error":"invalid_artifact_id","field":"artifact_id"}'],
  ] as const;
  for (const [target, expectation] of refusals) {
    const { status, body } = await askRaw(program.api, target);
    const got = `${status} ${body}`;
    check(`curl --path-as-is ${target}`, expectation, got, got === expectation);
  }
}

async function runMismatch({ program, check }: ScenarioContext): Promise<void> {
  const workflowId = "signoff-dedup";
  await startRun(program.api, { source: "one", workflowId, sleepMs: 5 });
  const same = await post(`${program.api}/runs`, { source: "one", workflowId, sleepMs: 5 });
  const isSameRun = z
    .object({ run_id: z.literal(workflowId), deduplicated: z.literal(true) })
    .safeParse(same.json).success;
  check(
    "POST /runs, the same payload again",
    "202, the same run, deduplicated",
    `${same.status} ${same.text.trimEnd()}`,
    same.status === 202 && isSameRun,
  );
  const other = await post(`${program.api}/runs`, { source: "two", workflowId, sleepMs: 5 });
  const expectation = `409 {"error":"workflow_id_payload_mismatch","workflow_id":"${workflowId}"}`;
  const got = `${other.status} ${other.text.trimEnd()}`;
  check("POST /runs, another payload", expectation, got, got === expectation);
}

async function runDamagedTimeline({ program, check }: ScenarioContext): Promise<void> {
  const runId = await startRun(program.api, { source: "will-be-removed", sleepMs: 10 });
  await waitForEnd(program.api, runId);
  const update = `update dbos.operation_outputs set output='{"json":{"prepared":"MISSING_SOURCE"}}'::jsonb where workflow_uuid='${runId}' and function_name='prepare'`;
  const updated = await program.psql(update);
  check(`psql -c "${update}"`, "UPDATE 1", updated, updated === "UPDATE 1");
  const { status, json } = await ask(`${program.api}/runs/${runId}/export`);
  const parsed = exportSchema.safeParse(json);
  const ids = parsed.success ? parsed.data.artifacts.map(({ id }) => id) : [];
  check(
    `GET /runs/${runId}/export`,
    `200, artifacts exactly ${ARTIFACT_TYPES}`,
    `${status} ${ids}`,
    status === 200 && isSame(ids, ARTIFACT_TYPES),
  );
}

const workflowSchema = z.looseObject({
  workflowID: z.string(),
  status: z.string(),
  workflowName: z.string(),
  recoveryAttempts: z.number().optional(),
});
const stepsSchema = z.array(z.looseObject({ functionID: z.number(), name: z.string() }));

async function runParity({ program, check }: ScenarioContext): Promise<void> {
  const runId = await startRun(program.api, { source: SOURCE, sleepMs: 5 });
  const run = await waitForEnd(program.api, runId);
  const workflow = workflowSchema.parse(JSON.parse((await program.cli("get", runId)).stdout));
  const { header } = run;
  const said = [workflow.workflowID, workflow.status, workflow.workflowName, workflow.recoveryAttempts];
  const api = [run.run_id, run.dbos_status, header.name, header.recovery_attempts];
  check(`${program.name} get ${runId}`, `as GET /runs/:id: ${api}`, said.join(), isSame(said, api));
  const steps = stepsSchema.parse(JSON.parse((await program.cli("steps", runId)).stdout));
  const toldSteps = steps.map(({ functionID, name }) => `${functionID} ${name}`);
  const apiSteps = run.timeline.map(({ function_id, function_name }) => `${function_id} ${function_name}`);
  check(
    `${program.name} steps ${runId}`,
    `as the timeline: ${apiSteps}`,
    toldSteps.join(),
    isSame(toldSteps, apiSteps),
  );
  const row = await program.psql(
    `select workflow_uuid, status, name, recovery_attempts, executor_id from dbos.workflow_status where workflow_uuid = '${runId}'`,
  );
  const expected = [...api, header.executor_id].join("|");
  check("psql: workflow_status", expected, row, row === expected);
}

function isSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
