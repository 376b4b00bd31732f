import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const SOURCE = fileURLToPath(new URL(".", import.meta.url));
const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));

/** Bytes in, bytes out: no clock, no file, no network, no process. Each may import what its list names. */
const PURE_ORDER: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  document: ["domain"],
  bundle: ["domain", "document"],
  search: ["domain", "document"],
  projection: ["domain", "document", "search"],
  views: ["domain", "document", "bundle", "search", "projection"],
};

const PURE = Object.keys(PURE_ORDER);

/** At the root, for all to use; each may itself use what it says. */
const BASE = [
  "canonical-json",
  "duration",
  "error-code",
  "failure",
  "free-port",
  "byte-turns",
  "hash-in-parts",
  "host-shortage",
  "own-command",
  "poll",
  "sha256",
  "sync-folder",
  "timeout",
  "version",
];

/** What a folder, or a file at the root, may import of the others: the direction of docs and design in one table. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "canonical-json": [],
  duration: [],
  sha256: [],
  "sync-folder": [],
  "error-code": [],
  failure: [],
  "free-port": [],
  "byte-turns": [],
  "hash-in-parts": ["byte-turns"],
  "host-shortage": [],
  "own-command": [],
  poll: [],
  timeout: [],
  version: [],
  config: ["duration", "failure", "own-command"],
  log: ["config", "pretty-line"],
  "pretty-line": [],
  metrics: ["log", "timeout"],
  ...Object.fromEntries(Object.entries(PURE_ORDER).map(([folder, below]) => [folder, [...below, ...BASE]])),
  // Bundles and keys on disk. It knows no database, so that a bundle can be checked without one.
  files: [...PURE, ...BASE],
  store: [...PURE, ...BASE, "log"],
  postgres: [...BASE, "log", "config"],
  engine: [...BASE, "log", "store"],
  flow: [...PURE, ...BASE, "log", "files", "store", "engine"],
  // The engine that reads text in pictures, from the files beside this program.
  ocr: ["document", "flow", ...BASE],
  // Tokens and sessions: who may do what.
  access: ["domain", ...BASE, "store"],
  // Several processes of the program behind the same ports.
  workers: [...BASE, "log", "access", "metrics", "http"],
  // OpenTelemetry spans of requests.
  tracing: [...BASE],
  http: [...PURE, ...BASE, "log", "files", "store", "flow", "access", "metrics", "tracing"],
  // Use the program from outside, as an operator does.
  client: [...PURE, ...BASE],
  signoff: [...PURE, ...BASE, "config", "client"],
  "database-wait": ["failure", "log", "store"],
  "live-services": ["database-wait", ...BASE, "log", "http"],
  app: [
    ...PURE,
    ...BASE,
    "log",
    "config",
    "files",
    "store",
    "postgres",
    "engine",
    "flow",
    "access",
    "metrics",
    "http",
    "live-services",
    "workers",
    "tracing",
    "ocr",
  ],
  cli: [
    "database-wait",
    ...PURE,
    ...BASE,
    "log",
    "config",
    "files",
    "store",
    "postgres",
    "engine",
    "flow",
    "access",
    "http",
    "app",
    "signoff",
    "workers",
    "doctor",
    "ocr",
  ],
  // What `jejakekal doctor` checks.
  doctor: [...BASE, "config", "files", "store", "postgres", "http"],
  "require-runtime": [],
  main: ["require-runtime", "cli", "postgres"],
  executable: ["require-runtime", "cli", "postgres", "config", ...BASE],
};

/** Packages that one folder hides from the rest. The embedded server is spoken to before there is a store. */
const HIDDEN: readonly (readonly [name: RegExp, folders: readonly string[]])[] = [
  [/^pg$/, ["store", "postgres"]],
  [/^@dbos-inc\//, ["engine"]],
  [/^(elysia|@elysiajs\/.*)$/, ["http"]],
  [/^@opentelemetry\//, ["tracing"]],
];

/** All of Node that pure code may use. */
const PURE_BUILTINS = ["node:crypto", "node:zlib"];

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

test("imports go one way: from the edge to the pure, among the pure folders in their order, and never back", () => {
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

test("no file imports itself over others, here or in scripts", () => {
  const importsOf = new Map(
    globSync("{src,scripts}/**/*.{ts,tsx,mjs}", { cwd: REPOSITORY }).map((path) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(REPOSITORY, path), "utf8"));
      return [path, importedFiles.map(({ fileName }) => join(dirname(path), fileName))] as const;
    }),
  );
  assert.ok(importsOf.size > 150, `${importsOf.size} files`);
  assert.deepEqual(findCircle(importsOf), []);
});

test("what checks bundles loads neither a database driver nor DBOS, nor the listeners", () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const name of files.find((file) => file.path === path)?.imports ?? []) {
      if (name.startsWith(".")) visit(join(dirname(path), name));
      else reached.add(name);
    }
  };
  visit("cli/offline.ts");
  assert.ok(reached.has("bundle/verify/verify.ts"));
  const heavy = [...reached].filter((name) =>
    /^(pg|elysia|@dbos-inc\/.*|app\.ts|engine\/.*|store\/index\.ts)$/.test(name),
  );
  assert.deepEqual(heavy, []);
});

test("nothing in src imports from scripts, tests included", () => {
  const wrong = globSync("**/*.{ts,tsx}", { cwd: SOURCE }).flatMap((path) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(SOURCE, path), "utf8"));
    return importedFiles
      .filter(({ fileName }) => fileName.startsWith("."))
      .filter(({ fileName }) =>
        relative(REPOSITORY, join(SOURCE, dirname(path), fileName)).startsWith("scripts/"),
      )
      .map(({ fileName }) => `${path} imports ${fileName}`);
  });
  assert.deepEqual(wrong, []);
});

test("a circle of imports is found and named", () => {
  const circle = new Map([
    ["a", ["b", "c"]],
    ["b", ["d"]],
    ["c", ["d", "a"]],
    ["d", ["missing"]],
  ]);
  assert.deepEqual(findCircle(circle), ["a", "c", "a"]);
  circle.set("c", ["d"]);
  assert.deepEqual(findCircle(circle), []);
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

/** The first circle of imports, from a file back to itself; empty when there is none. */
function findCircle(importsOf: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of importsOf.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of importsOf.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
