import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { runCommand } from "./child.ts";
import { REPOSITORY, temporaryFolder } from "./paths.ts";

const SCRIPT = join(REPOSITORY, "infra", "install.sh");
const NAME = `jejakekal-${process.platform}-${process.arch}`;
const PROGRAM = '#!/bin/sh\necho "9.9.9 (commit test)"\n';

describe("install.sh", () => {
  test("has no fault that shellcheck finds", async () => {
    const { code, stdout } = await runCommand(["shellcheck", SCRIPT]);
    assert.equal(code, 0, stdout);
  });

  test("downloads the program of this platform, checks its sum, and says what it did", async () => {
    using folder = temporaryFolder();
    await using release = await serve({ [NAME]: PROGRAM, SHA256SUMS: sumsOf(PROGRAM) });
    const { code, stdout, stderr } = await install(release.url, folder.path);
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(join(folder.path, "jejakekal"), "utf8"), PROGRAM);
    assert.deepEqual(stdout.split("\n"), [
      `Downloaded ${release.url}/${NAME}`,
      `Checked    sha256 ${sha256Of(PROGRAM)}`,
      `Installed  ${folder.path}/jejakekal, version 9.9.9 (commit test)`,
      `Add ${folder.path} to PATH to run it as jejakekal.`,
    ]);
    assert.equal((await runCommand([join(folder.path, "jejakekal")])).stdout, "9.9.9 (commit test)");
  });

  for (const [what, files, says] of [
    [
      "another program than the sum says",
      { [NAME]: `${PROGRAM}# more\n`, SHA256SUMS: sumsOf(PROGRAM) },
      /nothing was installed/,
    ],
    ["a release without sums", { [NAME]: PROGRAM }, /SHA256SUMS cannot be downloaded/],
    [
      "a release without this platform",
      { [NAME]: PROGRAM, SHA256SUMS: sumsOf(PROGRAM, `${NAME}.cdx.json`) },
      /does not name/,
    ],
    ["a sum without its program", { SHA256SUMS: sumsOf(PROGRAM) }, /cannot be downloaded/],
    [
      "a program that does not run",
      { [NAME]: "#!/bin/sh\nexit 3\n", SHA256SUMS: sumsOf("#!/bin/sh\nexit 3\n") },
      /does not run on this machine/,
    ],
  ] as const) {
    test(`installs nothing for ${what}, and leaves the old program`, async () => {
      using folder = temporaryFolder();
      const place = join(folder.path, "bin");
      mkdirSync(place);
      writeFileSync(join(place, "jejakekal"), "old");
      await using release = await serve(files);
      const { code, stderr } = await install(release.url, place);
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.deepEqual(readdirSync(place), ["jejakekal"]);
      assert.equal(readFileSync(join(place, "jejakekal"), "utf8"), "old");
    });
  }

  test("fails where a folder has the name of the program", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "jejakekal"));
    await using release = await serve({ [NAME]: PROGRAM, SHA256SUMS: sumsOf(PROGRAM) });
    const { code, stderr } = await install(release.url, folder.path);
    assert.equal(code, 1);
    assert.match(stderr, /is a folder/);
    assert.deepEqual(readdirSync(folder.path, { recursive: true }), ["jejakekal"]);
  });

  test("that arrives in part does nothing", async () => {
    using folder = temporaryFolder();
    const place = join(folder.path, "bin");
    const text = readFileSync(SCRIPT, "utf8");
    const { code } = await runCommand(["sh"], {
      env: { JEJAKEKAL_DOWNLOAD_URL: "http://127.0.0.1:1", JEJAKEKAL_INSTALL_DIR: place },
      input: text.slice(0, text.lastIndexOf("main")),
    });
    assert.equal(code, 0);
    assert.ok(!existsSync(place));
  });
});

describe("the unit for systemd", () => {
  test("is one that systemd takes", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "jejakekal.service");
    // systemd refuses a unit whose program is not installed.
    const unit = readFileSync(join(REPOSITORY, "infra", "systemd", "jejakekal.service"), "utf8");
    writeFileSync(path, unit.replace("/usr/local/bin/jejakekal", "/bin/true"));
    const { code, stderr } = await runCommand(["systemd-analyze", "verify", path]);
    assert.equal(code, 0, stderr);
    const own = stderr.split("\n").filter((line) => line.includes("jejakekal.service"));
    assert.deepEqual(own, []);
  });
});

function install(url: string, folder: string) {
  return runCommand(["sh", SCRIPT], {
    env: { JEJAKEKAL_DOWNLOAD_URL: url, JEJAKEKAL_INSTALL_DIR: folder },
  });
}

function sumsOf(text: string, name = NAME): string {
  return `${sha256Of("another file")}  jejakekal-other-platform\n${sha256Of(text)}  ${name}\n`;
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function serve(files: Readonly<Record<string, string>>) {
  const server = createServer((request, response) => {
    const text = files[request.url?.slice(1) ?? ""];
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      await new Promise((closed) => server.close(closed));
    },
  };
}
