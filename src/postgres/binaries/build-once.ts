import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../error-code.ts";
import { isAlive } from "../server/processes.ts";

/** How long to wait for another live builder. */
const WAIT_TIMEOUT_MS = 20_000;
/** A draft older than this is removed even when its builder cannot be seen to be dead. */
const ABANDONED_AFTER_MS = 10 * 60_000;
const POLL_MS = 20;

/** Drafts of this process; a pid alone cannot tell them from those of a dead process with the same pid. */
const ownDrafts = new Set<string>();
let draftCount = 0;

/**
 * Makes the folder `target` appear as a whole, once, even when several programs try at the same time.
 *
 * `build` fills a draft beside the target, and a rename publishes it. The rename alone decides: the loser of a race removes
 * its draft. To wait for a live builder only saves the machine from doing the same work several times.
 * An empty folder at `target` counts as missing. Rejects with errors of `build` and of the file system.
 */
export async function buildOnce(target: string, build: (draft: string) => Promise<void>): Promise<void> {
  while (!isBuilt(target)) {
    removeAbandonedDrafts(target);
    const draft = startDraft(target);
    try {
      if (await waitForOther(target, draft)) continue;
      await build(draft);
      publish(draft, target);
    } finally {
      rmSync(draft, { recursive: true, force: true });
      ownDrafts.delete(draft);
    }
  }
}

function isBuilt(target: string): boolean {
  return existsSync(target) && readdirOrNull(target)?.length !== 0;
}

/** Null for a folder that this user may not list; it belongs to another user, so it is built. */
function readdirOrNull(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "EACCES") return null;
    throw error;
  }
}

function startDraft(target: string): string {
  // The number puts the drafts of one process in the order in which they were made.
  const number = String(draftCount++).padStart(6, "0");
  const draft = `${target}.draft-${pidSpace()}-${process.pid}-${number}${randomBytes(4).toString("hex")}`;
  makeDraftFolder(draft);
  ownDrafts.add(draft);
  return draft;
}

function makeDraftFolder(draft: string): void {
  mkdirSync(draft);
  chmodSync(draft, 0o755);
}

/**
 * Names the set of processes in which a pid is unique: 8 hex digits. Two containers with the same volume have the same
 * pids, so the draft of another container must not be judged by its pid.
 */
function pidSpace(): string {
  const parts =
    process.platform === "linux"
      ? [readFileSync("/proc/sys/kernel/random/boot_id", "utf8"), readlinkSync("/proc/self/ns/pid")]
      : [hostname()];
  return createHash("sha256").update(parts.join(" ")).digest("hex").slice(0, 8);
}

/**
 * Waits while another builder goes first; false when it is this one's turn. Of builders that see each other the one whose
 * draft sorts first builds. The own draft is made before the others are listed, so at least one of two sees the other.
 */
async function waitForOther(target: string, own: string): Promise<boolean> {
  const isFirst = () => liveDrafts(target).every((other) => other >= own);
  if (isFirst()) return false;
  rmSync(own, { recursive: true, force: true });
  const until = performance.now() + WAIT_TIMEOUT_MS;
  while (performance.now() < until) {
    if (isBuilt(target) || liveDrafts(target).length === 0) return true;
    await sleep(POLL_MS);
  }
  makeDraftFolder(own);
  return false;
}

function publish(draft: string, target: string): void {
  try {
    renameSync(draft, target);
  } catch (error) {
    if (!isBuilt(target)) throw error;
  }
}

function draftsOf(target: string): string[] {
  const prefix = `${basename(target)}.draft-`;
  const names = readdirSync(dirname(target)).filter((name) => name.startsWith(prefix));
  return names.map((name) => join(dirname(target), name));
}

function liveDrafts(target: string): string[] {
  return draftsOf(target).filter(isLive);
}

function removeAbandonedDrafts(target: string): void {
  for (const draft of draftsOf(target)) {
    if (!isLive(draft)) rmSync(draft, { recursive: true, force: true });
  }
}

function isLive(draft: string): boolean {
  if (ownDrafts.has(draft)) return true;
  const [, space, pid] = /\.draft-([0-9a-f]{8})-(\d+)-[0-9a-f]+$/.exec(draft) ?? [];
  const isDead = space === pidSpace() && (Number(pid) === process.pid || !isAlive(Number(pid)));
  const stats = statSync(draft, { throwIfNoEntry: false });
  return !isDead && stats !== undefined && Date.now() - stats.ctimeMs < ABANDONED_AFTER_MS;
}
