import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { StartFailure } from "../../failure.ts";
import { fromNodeModules } from "../binaries/binaries.ts";
import { ensureRunning } from "./ensure-running.ts";
import { canTraverse, chooseServerUser } from "./server-user.ts";
import {
  askFor,
  askForPid,
  canBeSomebody,
  canMount,
  isRoot,
  makeHome,
  SOMEBODY,
  startProgram,
  systemRootOf,
  withServer,
} from "./test-support.ts";

const DISK_IS_FULL = /^The disk under .* is full: .*JEJAKEKAL_HOME/;

const hasMounts = isRoot && canMount();

async function failureOf(starting: Promise<unknown>): Promise<string> {
  const error = await starting.then(
    () => null,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StartFailure, String(error));
  assert.doesNotMatch(error.message, /\n/);
  return error.message;
}

test("root's server runs as another user, out of a folder that only root can change", {
  skip: !isRoot,
}, async (t) => {
  const home = await makeHome(t);
  const server = await ensureRunning({ ...home, binaries: fromNodeModules() });
  const { uid } = statSync(`/proc/${await askForPid(server.databaseUrl)}`);
  assert.notEqual(uid, 0);
  assert.equal(statSync(server.serverHome.dataDir).uid, uid);
  assert.equal(statSync(dirname(server.serverHome.dataDir)).uid, 0);
  await server.release();
});

test("root's server lives in /var/lib when its user cannot reach the home", {
  ...withServer,
  skip: !isRoot,
}, async (t) => {
  const home = await makeHome(t, { mode: 0o700 });
  const server = await ensureRunning(home);
  assert.equal(server.serverHome.dataDir, join(systemRootOf(home.home), "data"));
  assert.equal(existsSync(join(home.home, "postgres")), false);
  await server.release();
});

test("a user who is not root runs the server as itself, and root can use and stop it", {
  skip: !canBeSomebody,
}, async (t) => {
  const home = await makeHome(t);
  chownSync(home.home, SOMEBODY.uid, SOMEBODY.gid);
  const program = startProgram(t, home, { user: SOMEBODY });
  const { pid, databaseUrl } = await program.attached;
  assert.equal(statSync(`/proc/${pid}`).uid, SOMEBODY.uid);
  const server = await ensureRunning(home);
  assert.equal(server.databaseUrl, databaseUrl);
  assert.equal(server.startedHere, false);
  await program.leave();
  assert.equal(await askFor(databaseUrl, "select 1"), "1");
  await server.release();
  const again = await ensureRunning(home);
  assert.equal(statSync(`/proc/${await askForPid(again.databaseUrl)}`).uid, SOMEBODY.uid);
  await again.release();
});

test("the server of another user's home is not shared by those who did not ask for it", {
  skip: !canBeSomebody,
}, async (t) => {
  const theirs = await makeHome(t);
  chownSync(theirs.home, SOMEBODY.uid, SOMEBODY.gid);
  const program = startProgram(t, theirs, { user: SOMEBODY });
  await program.attached;
  const ours = { ...theirs, home: (await makeHome(t)).home, mayShare: true };
  assert.match(await failureOf(ensureRunning(ours)), /the jejakekal of another user: set JEJAKEKAL_PGPORT/);
  await program.leave();
});

test("another user than the owner can neither use a running server nor start it", {
  ...withServer,
  skip: !canBeSomebody,
}, async (t) => {
  const home = await makeHome(t);
  const server = await ensureRunning(home);
  const guest = startProgram(t, home, { user: SOMEBODY });
  await assert.rejects(guest.attached, /belongs to another user: .*JEJAKEKAL_HOME/);
  await server.release();
  const late = startProgram(t, home, { user: SOMEBODY });
  await assert.rejects(late.attached, /JEJAKEKAL_HOME/);
});

test("a home that cannot be written gives one line", { ...withServer, skip: !canBeSomebody }, async (t) => {
  const home = await makeHome(t);
  const program = startProgram(t, home, { user: SOMEBODY });
  await assert.rejects(program.attached, /home\/postgres is not writable for this user: .*JEJAKEKAL_HOME/);
});

test("a disk that fills up while unpacking or in initdb gives one line", {
  ...withServer,
  skip: !hasMounts,
}, async (t) => {
  for (const real of [fromNodeModules(), null]) {
    const home = await makeHome(t, { diskSize: "20m" });
    const binaries = real ?? home.binaries;
    assert.match(await failureOf(ensureRunning({ ...home, binaries })), DISK_IS_FULL);
    assert.deepEqual(
      readdirSync(join(home.home, "postgres")).filter((name) => name.includes(".draft-")),
      [],
    );
  }
});

test("a disk that is full at a later start gives one line, and is used again once there is room", {
  ...withServer,
  skip: !hasMounts,
}, async (t) => {
  const home = await makeHome(t, { diskSize: "100m" });
  await (await ensureRunning(home)).release();
  const filler = join(home.home, "filler");
  assert.throws(() => writeFileSync(filler, Buffer.alloc(100 * 1024 * 1024)), /ENOSPC/);
  assert.match(await failureOf(ensureRunning(home)), DISK_IS_FULL);
  rmSync(filler);
  await (await ensureRunning(home)).release();
});

test("a read-only disk gives one line, before and after the first start", {
  ...withServer,
  skip: !hasMounts,
}, async (t) => {
  const home = await makeHome(t, { diskSize: "200m" });
  execFileSync("mount", ["-o", "remount,ro", home.home]);
  assert.match(await failureOf(ensureRunning(home)), /read-only file system: .*JEJAKEKAL_HOME/);
  execFileSync("mount", ["-o", "remount,rw", home.home]);
  await (await ensureRunning(home)).release();
  execFileSync("mount", ["-o", "remount,ro", home.home]);
  assert.match(await failureOf(ensureRunning(home)), /read-only file system: .*JEJAKEKAL_HOME/);
});

test("a home that is a file, or leads through one, gives one line", withServer, async (t) => {
  const home = await makeHome(t);
  for (const path of ["/etc/hostname", "/etc/hostname/x"]) {
    const message = await failureOf(ensureRunning({ ...home, home: path }));
    assert.match(message, /something that is not a folder: .*JEJAKEKAL_HOME/);
  }
});

test("a home whose name a shell would expand is refused, and one with blanks and quotes works", {
  timeout: 180_000,
}, async (t) => {
  const { home, ...rest } = await makeHome(t);
  const real = { ...rest, binaries: fromNodeModules() };
  for (const name of ["a$(touch pwned)", "a`touch pwned`", 'a"b', "a\\b"]) {
    const message = await failureOf(ensureRunning({ ...real, home: join(home, name) }));
    assert.match(message, /initdb cannot handle: set JEJAKEKAL_HOME/);
  }
  assert.ok(!execFileSync("find", [home, "-name", "pwned"], { encoding: "utf8" }));
  const server = await ensureRunning({ ...real, home: join(home, "it's a  home; of mine") });
  assert.equal(await askFor(server.databaseUrl, "select 1"), "1");
  await server.release();
});

test("with umask 077 root's server starts, out of folders that its user can reach", {
  ...withServer,
  skip: !isRoot,
}, async (t) => {
  const home = await makeHome(t);
  const previous = process.umask(0o077);
  t.after(() => process.umask(previous));
  const deep = join(home.home, "below", "it");
  const server = await ensureRunning({ ...home, binaries: fromNodeModules(), home: deep });
  assert.equal(server.serverHome.root, join(deep, "postgres"));
  assert.equal(statSync(server.passFile).mode & 0o777, 0o600);
  await server.release();
});

test("a folder counts as reachable by its mode bits for owner, group and others", {
  skip: !isRoot,
}, async (t) => {
  const { home } = await makeHome(t);
  const user = SOMEBODY;
  assert.equal(canTraverse(user, home), true);
  chmodSync(home, 0o710);
  assert.equal(canTraverse(user, home), false);
  chownSync(home, 0, user.gid);
  assert.equal(canTraverse(user, home), true);
});

test("data that belongs to root is refused, since Postgres does not run as root", {
  skip: !isRoot,
}, async (t) => {
  const { home } = await makeHome(t);
  assert.throws(() => chooseServerUser(home), /belongs to root.*chown/);
});
