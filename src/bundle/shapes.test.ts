import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { bundleFilesOf } from "../testing/bundles.ts";
import { testEnvironment } from "../testing/environment.ts";
import { REPOSITORY } from "../testing/paths.ts";
import { SCHEMAS } from "./shapes.ts";

const FOLDER = join(REPOSITORY, "spec-0", "bundle");

/** The JSON Schemas, by the name of their file. With UPDATE_SCHEMA=1 the files are written anew. */
const schemas = Object.fromEntries(
  Object.entries(SCHEMAS).map(([path, schema]) => [
    `${path.replace(/^attestations\//, "").replace(/\.jsonl?$/, "")}.schema.json`,
    `${JSON.stringify({ title: path, ...z.toJSONSchema(schema) }, null, 2)}\n`,
  ]),
);

describe("the JSON Schemas of the files of a bundle", () => {
  test("are those in spec-0/bundle", () => {
    if (testEnvironment.updateSchema) {
      mkdirSync(FOLDER, { recursive: true });
      for (const [name, text] of Object.entries(schemas)) writeFileSync(join(FOLDER, name), text);
    }
    const committed = readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]);
    assert.deepEqual(Object.fromEntries(committed), schemas);
  });

  test("accept the files of a bundle, and not those of another shape", async () => {
    const files = await bundleFilesOf({
      reviewed: true,
      erased: true,
      signingKey: generateKeyPairSync("ed25519").privateKey,
    });
    for (const [name, text] of Object.entries(schemas)) {
      const { title, ...schema } = JSON.parse(text);
      const validator = z.fromJSONSchema(schema);
      const bytes = files.find(({ path }) => path === title)?.bytes ?? new Uint8Array();
      const value: unknown = JSON.parse(Buffer.from(bytes).toString());
      assert.ok(validator.safeParse(value).success, name);
      assert.ok(!validator.safeParse("another").success, name);
    }
  });
});
