import assert from "node:assert/strict";
import { test } from "node:test";
import type { Artifact } from "../domain/artifact.ts";
import { RunFailure } from "../failure.ts";
import { sha256Hex } from "../sha256.ts";
import { cloneDatabase } from "../testing/database.ts";
import { slow } from "../testing/service.ts";
import { finishRun, putArtifact } from "./artifacts.ts";

const RUN_ID = "run-1";
const END = { runId: RUN_ID, kind: "finished", node: "node", detail: { status: "done" } } as const;

test("what a step must have stored is an error in the database where it is not", slow, async () => {
  await using database = await cloneDatabase();
  const db = await database.connect();
  const bytes = Buffer.from("a document");
  const sha256 = sha256Hex(bytes);
  await db.query(
    `insert into jejakekal.run (run_id, intent, args, payload_sha256, source_sha256, sleep_ms) values ($1, 'doc', '{}', $2, $2, 1)`,
    [RUN_ID, sha256],
  );
  const artifact: Artifact = {
    runId: RUN_ID,
    type: "docir",
    sha256,
    bytes: bytes.length,
    mediaType: "application/json",
    format: "docir",
    title: "a document",
    visibility: "user",
    producerFunctionId: 2,
    producerStep: "docir",
    inputs: [],
    recipe: {},
  };
  await putArtifact(db, artifact, bytes);
  // A repeated step stores the same once.
  await putArtifact(db, artifact, bytes);
  const other = Buffer.from("another document");
  await assert.rejects(
    putArtifact(db, { ...artifact, sha256: sha256Hex(other) }, other),
    new RegExp(`run-1:docir is stored with sha256 ${sha256} and was now derived with ${sha256Hex(other)}`),
  );

  const isMissing = (error: unknown) => error instanceof RunFailure && error.code === "FAILED_NO_ARTIFACT";
  await assert.rejects(finishRun(db, { docir: sha256, memo: sha256 }, 1, END), isMissing);
  await assert.rejects(finishRun(db, { docir: sha256Hex(other) }, 1, END), isMissing);
  const events = async () => (await db.query("select kind from jejakekal.run_event")).rows;
  assert.deepEqual(await events(), []);
  await finishRun(db, { docir: sha256 }, bytes.length, END);
  assert.deepEqual(await events(), [{ kind: "finished" }]);
});
