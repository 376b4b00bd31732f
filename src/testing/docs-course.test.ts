import assert from "node:assert/strict";
import { chmodSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { findFreePort } from "../free-port.ts";
import { startChild } from "./child.ts";
import { REPOSITORY, temporaryFolder } from "./paths.ts";

/** The ports in the documents, which the test replaces by others. The first two are the defaults of the program. */
const PORTS = ["4010", "4110", "4011", "4111"] as const;

/** For the blocks of one document; a loop that waits for what never comes is then told to stop. */
const PATIENCE_MS = 180_000;

// The commands choose their own runtime, so nothing is learnt from running them once more under the other one.
if (process.versions.bun === undefined) {
  describe("the documents' command blocks", () => {
    for (const document of ["README.md", "docs/operator-course.md"]) {
      test(`${document} prints what it says it prints`, { timeout: PATIENCE_MS + 20_000 }, () =>
        runBlocks(document),
      );
    }
  });
}

type CommandBlock = Readonly<{ line: number; commands: string; expected: string }>;

/** Runs the blocks marked `bash` in one shell, in a folder that looks like the repository's and is none. */
async function runBlocks(document: string): Promise<void> {
  using folder = temporaryFolder();
  // Root's Postgres runs as another user, who must be able to reach its data.
  chmodSync(folder.path, 0o755);
  for (const name of [
    "src",
    "scripts",
    "golden",
    "infra",
    "public",
    "node_modules",
    "package.json",
    "tsconfig.json",
  ]) {
    symlinkSync(join(REPOSITORY, name), join(folder.path, name));
  }
  const markdown = readFileSync(join(REPOSITORY, document), "utf8");
  const ports: ReadonlyMap<string, string> = new Map(
    await Promise.all(PORTS.map(async (port) => [port, String(await findFreePort())] as const)),
  );
  const blocks = commandBlocks(markdown.replaceAll(/\b4[01]1[01]\b/g, (port) => ports.get(port) ?? port));
  assert.ok(blocks.length > 0, "there is something to run");
  const printed = await printedBy(scriptOf(blocks, folder.path), {
    API_PORT: ports.get("4010") ?? "",
    UI_PORT: ports.get("4110") ?? "",
    PGPORT: String(await findFreePort()),
    JEJAKEKAL_HOME: join(folder.path, ".cache", "jejakekal"),
  });
  const wrong = blocks.flatMap(({ line, expected }, index) => {
    const came = (printed[index] ?? "").trim();
    return patternOf(expected).test(came) ? [] : [`${document}:${line} printed\n${came}\n`];
  });
  assert.equal(wrong.length, 0, wrong.join("\n"));
}

/** What each block printed, its errors among it. */
async function printedBy(script: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using shell = startChild(["bash", "-c", script], env);
  const timer = setTimeout(() => shell.signal("SIGTERM"), PATIENCE_MS);
  await shell.exited;
  clearTimeout(timer);
  return shell.stdout.join("\n").split(SEPARATOR);
}

const SEPARATOR = "--- end of block ---";

/** What a block leaves running is killed at the end, however the blocks went, and its Postgres is stopped. */
function scriptOf(blocks: readonly CommandBlock[], folder: string): string {
  return [
    `cd ${folder}`,
    "leave() { kill -9 $(jobs -p) 2> /dev/null; wait; bun src/main.ts down > /dev/null 2>&1; }",
    "trap leave EXIT; trap 'exit 1' TERM",
    `export PATH=${join(REPOSITORY, "node_modules", ".bin")}:$PATH`,
    "exec 2>&1",
    ...blocks.map(({ commands }) => `${commands}\necho '${SEPARATOR}'`),
  ].join("\n");
}

function commandBlocks(markdown: string): CommandBlock[] {
  const blocks = /^```bash\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm;
  return [...markdown.matchAll(blocks)].map(({ 1: commands = "", 2: expected = "", index }) => ({
    line: markdown.slice(0, index).split("\n").length,
    commands,
    expected: expected.trim(),
  }));
}

/** `…` stands for anything within a line; all else stands for itself. */
function patternOf(expected: string): RegExp {
  const literal = expected.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/ +$/gm, " *");
  return new RegExp(`^${literal.replaceAll("…", "[^\\n]*")}$`);
}
