import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cloneDatabase } from "../testing/database.ts";
import { testEnvironment } from "../testing/environment.ts";
import { REPOSITORY } from "../testing/paths.ts";
import { dumpSchema } from "../testing/schema-dump.ts";
import { slow } from "../testing/service.ts";

test("infra/schema.sql is the schema that the migrations come to", slow, async () => {
  const path = join(REPOSITORY, "infra", "schema.sql");
  await using database = await cloneDatabase();
  const schema = await dumpSchema(database);
  if (testEnvironment.updateSchema) writeFileSync(path, schema);
  assert.equal(
    readFileSync(path, "utf8"),
    schema,
    "run the test with UPDATE_SCHEMA=1 and review the difference",
  );
});
