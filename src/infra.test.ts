import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { validate } from "dockerfile-utils";
import { SETTING_NAMES } from "./config.ts";
import { createMetrics } from "./metrics.ts";
import { REPOSITORY } from "./testing/paths.ts";

const read = (path: string) => readFileSync(join(REPOSITORY, path), "utf8");
const settingsIn = (text: string) =>
  [...text.matchAll(/\b(?:JEJAKEKAL|DBOS)_[A-Z_]+/g)].map(([name]) => name);

describe("the files for operators", () => {
  test("name no setting that the program does not know", () => {
    const known: ReadonlySet<string> = new Set(SETTING_NAMES);
    for (const path of ["infra/systemd/jejakekal.service", "infra/docker/Dockerfile"]) {
      const named = settingsIn(read(path));
      assert.ok(named.length >= 2, path);
      assert.deepEqual(
        named.filter((name) => !known.has(name)),
        [],
        path,
      );
    }
  });

  test("have each line of the unit in a section, as a key and a value", () => {
    const lines = read("infra/systemd/jejakekal.service").split("\n");
    const wrong = lines.filter((line) => line !== "" && !/^(#|\[\w+\]$|[A-Z]\w+=\S)/.test(line));
    assert.deepEqual(wrong, []);
  });

  test("have a Dockerfile that Docker reads, with a pinned image, another user than root, and no shell as process 1", () => {
    const dockerfile = read("infra/docker/Dockerfile");
    assert.deepEqual(
      validate(dockerfile).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`),
      [],
    );
    const instructions = dockerfile.split("\n").filter((line) => /^[A-Z]+ /.test(line));
    const valuesOf = (name: string) =>
      instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
    for (const image of valuesOf("FROM")) assert.match(image, /^[\w./-]+:(?!latest)[\w.-]+$/);
    assert.match(valuesOf("USER").at(-1) ?? "root", /^(?!root|0\b)/);
    for (const command of [...valuesOf("ENTRYPOINT"), ...valuesOf("CMD")])
      assert.match(command, /^\[".*"\]$/);
  });

  test("show every metric on the dashboard, and describe every one, and no other", async () => {
    const store = {
      measure: async () => ({ runs: [], oldestWaitingSeconds: 0, blobBytes: 0 }),
      poolUse: () => ({ total: 0, idle: 0, waiting: 0 }),
    };
    const text = await createMetrics().read(store);
    const metrics = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name).sort();
    const namesIn = (document: string) =>
      [
        ...new Set(
          [...document.matchAll(/\bjejakekal_\w+/g)].map(([name]) =>
            name.replace(/_(bucket|sum|count)$/, ""),
          ),
        ),
      ].sort();
    assert.deepEqual(namesIn(read("infra/grafana-dashboard.json")), metrics);
    assert.deepEqual(namesIn(read("docs/operations.md")), metrics);
  });
});
