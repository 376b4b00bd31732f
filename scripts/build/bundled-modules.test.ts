import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../src/testing/paths.ts";
import { listDevelopmentModules } from "./bundled-modules.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("modules of development builds are found in a bundle", () => {
  using folder = temporaryFolder();
  const development = "node_modules/micromark/dev/lib/parse.js";
  writeFileSync(join(folder.path, "main.mjs"), 'import "./chunk.mjs";');
  writeFileSync(
    join(folder.path, "chunk.mjs"),
    `// node_modules/pg/lib/index.js\nx();\n// ${development}\ny();\n// node_modules/micromark/lib/parse.js\n`,
  );
  assert.deepEqual(listDevelopmentModules(root, folder.path), [development]);
});
