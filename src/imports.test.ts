import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const SOURCE = fileURLToPath(new URL(".", import.meta.url));

/** Bytes in, bytes out: no clock, no file, no network, no process. */
const PURE = ["domain", "document", "bundle", "projection", "views"];

/** At the root, for all to use; each may itself use what it says. */
const BASE = [
  "canonical-json",
  "error-code",
  "failure",
  "free-port",
  "own-command",
  "poll",
  "sha256",
  "time-limit",
  "version",
];

/** What a folder, or a file at the root, may import of the others: the direction of docs and design in one table. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "canonical-json": [],
  sha256: [],
  "error-code": [],
  failure: [],
  "free-port": [],
  "own-command": [],
  poll: [],
  "time-limit": [],
  version: [],
  config: ["failure"],
  log: ["config"],
  ...Object.fromEntries(PURE.map((folder) => [folder, [...PURE, ...BASE]])),
  store: [...PURE, ...BASE, "log"],
  postgres: [...BASE, "log", "config"],
  flow: [...PURE, ...BASE, "log", "store"],
  http: [...PURE, ...BASE, "log", "store", "flow"],
  // Use the program from outside, as an operator does.
  client: [...PURE, ...BASE],
  signoff: [...PURE, ...BASE, "config", "client"],
  app: [...PURE, ...BASE, "log", "config", "store", "postgres", "flow", "http"],
  cli: [...PURE, ...BASE, "log", "config", "store", "postgres", "flow", "http", "app", "signoff"],
  "require-runtime": [],
  main: ["require-runtime", "cli", "postgres"],
  executable: ["require-runtime", "cli", "postgres", "config", ...BASE],
};

/** Packages that one folder hides from the rest. The embedded server is spoken to before there is a store. */
const HIDDEN: readonly (readonly [name: RegExp, folders: readonly string[]])[] = [
  [/^pg$/, ["store", "postgres"]],
  [/^@dbos-inc\//, ["flow"]],
  [/^(elysia|@elysiajs\/.*)$/, ["http"]],
];

/** All of Node that pure code may use. */
const PURE_BUILTINS = ["node:crypto"];

type SourceFile = Readonly<{ path: string; layer: string; text: string; imports: readonly string[] }>;

const files: readonly SourceFile[] = globSync("**/*.{ts,tsx}", { cwd: SOURCE })
  .filter((path) => !isTest(path) && !path.endsWith(".d.ts"))
  .sort()
  .map((path) => {
    const text = readFileSync(join(SOURCE, path), "utf8");
    const imports = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
    return { path, layer: layerOf(path), text, imports };
  });

test("there is source to look at, and every part of it has its place in the order", () => {
  assert.ok(files.length > 80, `${files.length} files`);
  assert.deepEqual([...new Set(files.map(({ layer }) => layer))].sort(), Object.keys(MAY_IMPORT).sort());
});

test("imports go one way: from the edge to the pure, and never back", () => {
  const wrong = files.flatMap(({ path, layer, imports }) =>
    imports
      .filter((name) => name.startsWith("."))
      .map((name) => join(dirname(path), name))
      .filter((target) => !target.startsWith("..") && layerOf(target) !== layer)
      .filter((target) => !MAY_IMPORT[layer]?.includes(layerOf(target)))
      .map((target) => `${path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("pure code uses nothing of Node that could tell one machine or moment from another", () => {
  const wrong = files
    .filter(({ layer }) => PURE.includes(layer))
    .flatMap(({ path, imports }) =>
      imports
        .filter((name) => name.startsWith("node:") && !PURE_BUILTINS.includes(name))
        .map((name) => `${path} imports ${name}`),
    );
  assert.deepEqual(wrong, []);
});

test("Postgres, DBOS and Elysia are each known to the one folder that hides them", () => {
  const wrong = HIDDEN.flatMap(([name, folders]) =>
    files
      .filter(({ layer, imports }) => !folders.includes(layer) && imports.some((one) => name.test(one)))
      .map(({ path }) => `${path} imports ${name.source}`),
  );
  assert.deepEqual(wrong, []);
});

test("the environment is read in config.ts and nowhere else", () => {
  const readers = files.filter(({ text }) => /\b(process|Bun|import\.meta)\.env\b/.test(text));
  assert.deepEqual(
    readers.map(({ path }) => path),
    ["config.ts"],
  );
});

test("what is there for tests is imported by tests alone", () => {
  const wrong = files.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith(".") && isTest(relative(".", join(dirname(path), name))))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

function isTest(path: string): boolean {
  return path.startsWith("testing/") || /\.(test|e2e)\.tsx?$|(^|\/)test-[a-z-]+\.ts$/.test(path);
}

/** The folder, or for a file at the root its own name. */
function layerOf(path: string): string {
  return (path.split("/")[0] ?? "").replace(/\.tsx?$/, "");
}
