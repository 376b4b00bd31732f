import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readRun, waitForEnd } from "../../client.ts";
import { ARTIFACT_TYPES, type ArtifactType } from "../../domain/artifact.ts";
import { RUN_STEPS } from "../../domain/run.ts";
import type { RunView } from "../../projection/run-view.ts";
import { cloneDatabase } from "../database.ts";
import { objectOf, request } from "../http.ts";
import { REPOSITORY } from "../paths.ts";
import { type ProgramOptions, startProgram } from "../program.ts";
import { otherRunner, type Runner, runnerUnderTest } from "../runner.ts";
import { installStepProbe, type StepMoment } from "../step-probe.ts";

const patient = { timeout: 240_000 } as const;

const CORPUS = join(REPOSITORY, "golden", "corpus");
const LONG_DOCUMENT = "harbour-log.md";

/** One long ordinary document, and some whose results would change with time zone, locale or random numbers. */
const DOCUMENTS = [
  LONG_DOCUMENT,
  "catatan-kapal.md",
  "emoji.txt",
  "right-to-left.md",
  "tables.md",
  "utf-16.txt",
];

/** The results of a run that must not depend on time, host or run id. */
type Legacy = Readonly<{ bytes: Readonly<Record<ArtifactType, string>>; artifactSetDigest: unknown }>;

describe("a run of the same document", () => {
  const here = runnerUnderTest();
  let undisturbed: ReadonlyMap<string, Legacy>;
  before(async () => {
    undisturbed = await runAll({ runner: here });
  }, patient);

  test("gives the same bytes and the same digest each time", patient, async () => {
    assert.deepEqual(await runAll({ runner: here }), undisturbed);
  });

  test("gives the same bytes on the other runtime", patient, async () => {
    assert.deepEqual(await runAll({ runner: otherRunner(here) }), undisturbed);
  });

  test(
    "leaves the same bytes in another time, place and language, with clock and chance frozen",
    patient,
    async () => {
      for (const runner of ["node", "bun"] as const) {
        const legacies = await runAll({ runner, env: otherWorld(runner) }, assertFromOtherWorld);
        assert.deepEqual(legacies, undisturbed, runner);
      }
    },
  );

  test(
    "leaves the same bytes when it is killed in every step and each time taken up by the other runtime",
    patient,
    async () => {
      const expected = undisturbed.get(LONG_DOCUMENT);
      assert.deepEqual(await runDisturbed(LONG_DOCUMENT, here), expected);
    },
  );
});

/** Runs each document in a separate program and database, so that no run can reuse the bytes of another. */
async function runAll(
  options: Omit<ProgramOptions, "database">,
  check: (run: RunView) => void = () => {},
): Promise<ReadonlyMap<string, Legacy>> {
  await using database = await cloneDatabase();
  await using program = await startProgram({ ...options, database });
  const legacies = DOCUMENTS.map(async (name) => {
    const runId = await startDocument(program.url, name);
    const legacy = await legacyOf(program.url, runId);
    check(await readRun(program.url, runId));
    return [name, legacy] as const;
  });
  return new Map(await Promise.all(legacies));
}

/** The moments at which the run is killed, one after the other: before and after an artifact is stored, in the sleep, and at the end. */
const KILLS: readonly StepMoment[] = [
  "work prepare",
  "record DBOS.sleep",
  "record docir",
  "work chunk-index",
  "record memo",
  "intent",
  "record finalize",
];

async function runDisturbed(name: string, firstRunner: Runner): Promise<Legacy> {
  await using database = await cloneDatabase();
  const runId = "disturbed";
  const probe = await installStepProbe(database, [runId]);
  let runner = firstRunner;
  for (const [index, moment] of KILLS.entries()) {
    await probe.hold(runId, moment);
    await using program = await startProgram({ database, runner });
    if (index === 0) await startDocument(program.url, name, runId);
    await probe.allHeld();
    await program.kill9();
    await program[Symbol.asyncDispose]();
    await probe.cutSessions();
    await probe.releaseAll();
    runner = otherRunner(runner);
  }
  await using last = await startProgram({ database, runner });
  const legacy = await legacyOf(last.url, runId);
  const run = await waitForEnd(last.url, runId);
  assert.equal(run.header.recovery_attempts, KILLS.length + 1);
  assert.deepEqual(
    run.timeline.map(({ function_name }) => function_name),
    [...RUN_STEPS],
  );
  return legacy;
}

async function startDocument(url: string, name: string, workflowId?: string): Promise<string> {
  const form = new FormData();
  form.set("file", new File([readFileSync(join(CORPUS, name))], name));
  form.set("sleepMs", "5");
  if (workflowId !== undefined) form.set("workflowId", workflowId);
  const reply = await request(`${url}/runs`, { method: "POST", body: form });
  assert.equal(reply.status, 202, `${name}: ${reply.text}`);
  return String(objectOf(reply).run_id);
}

async function legacyOf(url: string, runId: string): Promise<Legacy> {
  const run = await waitForEnd(url, runId);
  assert.equal(run.dbos_status, "SUCCESS", runId);
  const exported = objectOf(await request(`${url}/runs/${runId}/export`));
  const manifest = JSON.parse(readFileSync(join(String(exported.run_bundle_path), "manifest.json"), "utf8"));
  assert.match(manifest.artifact_set_digest, /^[0-9a-f]{64}$/);
  const bytes = ARTIFACT_TYPES.map(async (type) => {
    const response = await fetch(`${url}/artifacts/${runId}:${type}/download`);
    assert.equal(response.status, 200);
    return [type, Buffer.from(await response.arrayBuffer()).toString("base64")] as const;
  });
  return {
    bytes: Object.fromEntries(await Promise.all(bytes)) as Record<ArtifactType, string>,
    artifactSetDigest: manifest.artifact_set_digest,
  };
}

function assertFromOtherWorld({ timeline }: RunView): void {
  for (const { started_at_epoch_ms } of timeline) {
    assert.equal(new Date(started_at_epoch_ms ?? 0).getUTCFullYear(), 2001, "the run has the frozen clock");
  }
}

/** Another clock, another zone, another language with other rules for case and order. */
function otherWorld(runner: "node" | "bun"): Readonly<Record<string, string>> {
  const script = fileURLToPath(new URL("../fixed-clock-and-random.ts", import.meta.url));
  const preload: Readonly<Record<string, string>> =
    runner === "node"
      ? { NODE_OPTIONS: `--import ${pathToFileURL(script).href}` }
      : { BUN_OPTIONS: `--preload ${script}` };
  return { ...preload, TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
}
