import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { artifactPathOf } from "./bundle/layout.ts";
import { readConfig, SETTING_NAMES } from "./config.ts";
import { READABLE_FORMATS } from "./document/index.ts";
import { ARTIFACT_TYPES } from "./domain/artifact.ts";
import { RUN_STEPS } from "./domain/run.ts";
import { FAILURES, type FailureCode, RUN_FAILURES } from "./failure.ts";
import { statusOf } from "./http/reply.ts";
import { runCommand } from "./testing/child.ts";
import { REPOSITORY } from "./testing/paths.ts";
import { programCommand, runnerUnderTest } from "./testing/runner.ts";

const DOCUMENTS = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...readdirSync(join(REPOSITORY, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

describe("the documents", () => {
  test("the README's table has every setting with its default, and no other", () => {
    const rows = tableAfter(read("README.md"), "## Settings");
    assert.deepEqual(rows.map(([name]) => bare(name)).sort(), [...SETTING_NAMES].sort());
    const stated = Object.fromEntries(rows.map(([name, byDefault]) => [bare(name), bare(byDefault)]));
    assert.deepEqual(stated, defaults());
  });

  test("docs/api.md has every failure with its status, and no other", () => {
    const rows = tableAfter(read("docs/api.md"), "## Failures");
    const stated = rows.map(([code, status]) => `${bare(code)} ${status}`).sort();
    const codes = Object.keys(FAILURES) as FailureCode[];
    assert.deepEqual(stated, codes.map((code) => `${code} ${statusOf(code)}`).sort());
  });

  test("docs/api.md has every reason for which a run ends in error", () => {
    const rows = tableAfter(read("docs/api.md"), "`header.error` has a code");
    assert.deepEqual(
      rows.map(([code]) => bare(code)).sort(),
      [...Object.keys(RUN_FAILURES), "step_failed"].sort(),
    );
  });

  test("the README and docs/evidence.md have every step and every artifact type, and no other", () => {
    const readme = read("README.md");
    const steps = tableAfter(readme, "## What is in a run").map(([id, step]) => `${id} ${bare(step)}`);
    assert.deepEqual(
      steps,
      RUN_STEPS.map((step, id) => `${id} ${step}`),
    );
    const types = tableAfter(readme, "Their ids are `<run_id>:<type>`").map(([type]) => bare(type));
    assert.deepEqual(types, [...ARTIFACT_TYPES]);
    const files = tableAfter(read("docs/evidence.md"), "## What is in a bundle").map(([file]) => bare(file));
    assert.deepEqual(
      files.filter((file) => file.startsWith("data/")),
      ARTIFACT_TYPES.map(artifactPathOf),
    );
  });

  test("docs/documents.md has every format that is read, with its names, and no other", () => {
    const rows = tableAfter(read("docs/documents.md"), "## Formats");
    const stated = rows.map(([label, type, names]) => [label, bare(type), bare(names)]);
    const readable = READABLE_FORMATS.map(({ label, mediaType, extensions }) => [
      label,
      mediaType,
      extensions.map((extension) => `.${extension}`).join(", "),
    ]);
    assert.deepEqual(stated, readable);
  });

  test("docs/api.md has every route of the API, and no other", () => {
    const rows = tableAfter(read("docs/api.md"), "## Routes");
    assert.deepEqual(rows.map(([route]) => bare(route)).sort(), [...routes()].sort());
  });

  test("every mise task that they name is there", () => {
    const tasks = new Set(
      [...read("mise.toml").matchAll(/^\[tasks\.(?:"([^"]+)"|([\w-]+))\]/gm)].map(([, a, b]) => a ?? b),
    );
    assert.deepEqual(unknownOf(/\bmise run ([a-z0-9:]+)/g, tasks), []);
  });

  test("every npm script that they name is there", () => {
    const { scripts } = JSON.parse(read("package.json"));
    assert.deepEqual(unknownOf(/\bnpm run ([a-z:]+)/g, new Set(Object.keys(scripts))), []);
  });

  test("every subcommand that they name is there, and the README names every one", async () => {
    const commands = await subcommands();
    assert.deepEqual(unknownOf(/^(?:.*\$\(|.*`)?\s*jejakekal ([a-z]+)/gm, new Set(commands)), []);
    const inReadme = tableAfter(read("README.md"), "| subcommand | does |").map(([cell = ""]) => cell);
    const named = inReadme.flatMap((cell) => [...cell.matchAll(/`([a-z]+)/g)].map(([, name]) => name));
    assert.deepEqual([...named].sort(), [...commands].sort());
  });

  test("every link and picture leads to a file that is there, and to a heading in it", () => {
    const broken = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
        .filter(([, path = "", anchor]) => !resolves(document, path, anchor))
        .map(([link]) => `${document}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  test("every file and folder of this repository that they name in code is there", () => {
    const paths = /`((?:src|scripts|infra|golden|spec-0|docs|public)\/[\w./-]*)`/g;
    const missing = DOCUMENTS.flatMap((document) =>
      [...read(document).matchAll(paths)]
        .filter(([, path = ""]) => !existsSync(join(REPOSITORY, path)))
        .map(([, path]) => `${document}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });
});

function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), "utf8");
}

/** The rows of the first table after some words, without its head, as cells. */
function tableAfter(markdown: string, words: string): string[][] {
  const start = markdown.indexOf(words);
  assert.notEqual(start, -1, `the words "${words}"`);
  const [table = ""] = /(?:^\|.*\n)+/m.exec(markdown.slice(start)) ?? [];
  return table
    .trim()
    .split("\n")
    .slice(2)
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function bare(cell = ""): string {
  return cell.replaceAll("`", "");
}

/** The server's table of contents, as its source spells it. */
function routes(): string[] {
  const calls = read("src/http/api/routes.ts").matchAll(/^ {4}\.(get|post)\(\s*"([^"]+)"/gm);
  return [...calls].map(([, method = "", path]) => `${method.toUpperCase()} ${path}`);
}

/** The subcommands of the program, as its help lists them. */
async function subcommands(): Promise<string[]> {
  const { stdout } = await runCommand([...programCommand(runnerUnderTest()), "--help"]);
  const [, listed = ""] = stdout.split("\nCommands:\n");
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = ""]) => name);
  return names.filter((name) => name !== "help");
}

/** What the settings are when nothing is set, as the README writes it. */
function defaults(): Record<(typeof SETTING_NAMES)[number], string> {
  const config = readConfig({ HOME: "/home/nobody" });
  const unset = (value: undefined) => value ?? "unset";
  assert.equal(config.databaseUrl, undefined);
  assert.equal(config.webhook, undefined);
  const webhook = readConfig({
    JEJAKEKAL_WEBHOOK_URL: "https://example.org/",
    JEJAKEKAL_WEBHOOK_SECRET: `whsec_${"A".repeat(32)}`,
  }).webhook;
  return {
    API_PORT: String(config.apiPort),
    UI_PORT: String(config.uiPort),
    JEJAKEKAL_HOST: config.host,
    JEJAKEKAL_ALLOWED_HOSTS: config.allowedHosts.join(",") || "unset",
    JEJAKEKAL_PUBLIC_URL: unset(undefined),
    JEJAKEKAL_TRUSTED_PROXIES: config.trustedProxies.join(",") || "unset",
    JEJAKEKAL_ANONYMOUS: config.isAnonymousAllowed ? "1" : "0",
    JEJAKEKAL_TOKEN: unset(undefined),
    HOST: unset(undefined),
    UI_EMBED_API: config.embedApi ? "1" : "0",
    DBOS_SYSTEM_DATABASE_URL: unset(config.databaseUrl),
    JEJAKEKAL_PGPORT: String(config.pgPort),
    PGPORT: unset(undefined),
    JEJAKEKAL_HOME: unset(undefined),
    JEJAKEKAL_DEFAULT_HOME: unset(undefined),
    JEJAKEKAL_BUNDLES_ROOT: config.bundlesRoot.slice(process.cwd().length + 1),
    JEJAKEKAL_NODE: config.node,
    JEJAKEKAL_WORKERS: unset(undefined),
    JEJAKEKAL_MAX_BODY_BYTES: String(config.maxBodyBytes),
    JEJAKEKAL_MAX_DERIVATION_BYTES: String(config.maxDerivationBytes),
    JEJAKEKAL_OCR: config.ocr.languages ?? "unset",
    JEJAKEKAL_OCR_DATA: unset(undefined),
    JEJAKEKAL_WARM_PROCESSES: String(config.warmProcesses),
    JEJAKEKAL_WEBHOOK_URL: unset(config.webhook),
    JEJAKEKAL_WEBHOOK_SECRET: unset(config.webhook),
    JEJAKEKAL_WEBHOOK_TIMEOUT_MS: String(webhook?.timeoutMs),
    JEJAKEKAL_WEBHOOK_ALLOW_PRIVATE: webhook?.allowPrivate ? "1" : "0",
    JEJAKEKAL_MAX_RUNNING: unset(undefined),
    JEJAKEKAL_CONCURRENCY: unset(undefined),
    JEJAKEKAL_RETENTION: unset(undefined),
    JEJAKEKAL_SIGNING_KEY: unset(undefined),
    OTEL_EXPORTER_OTLP_ENDPOINT: unset(undefined),
    JEJAKEKAL_LOG_LEVEL: config.logLevel,
    JEJAKEKAL_LOG_FORMAT: config.logFormat,
  };
}

function unknownOf(pattern: RegExp, known: ReadonlySet<string | undefined>): string[] {
  return DOCUMENTS.flatMap((document) =>
    [...read(document).matchAll(pattern)]
      .filter(([, name]) => !known.has(name))
      .map(([, name]) => `${document}: ${name}`),
  );
}

function resolves(document: string, path: string, anchor: string | undefined): boolean {
  const target = path === "" ? join(REPOSITORY, document) : join(REPOSITORY, dirname(document), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(readFileSync(target, "utf8")).includes(anchor);
}

/** As GitHub names headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
