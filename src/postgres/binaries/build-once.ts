import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../error-code.ts";
import { isAlive } from "../server/processes.ts";

/** After this long a live builder is no longer waited for: its pid may be a stranger's. */
const PATIENCE_MS = 20_000;
/** After this long a draft is litter even when some process has its builder's pid. */
const LITTER_MS = 10 * 60_000;
const POLL_MS = 20;

/** Drafts of this very process, which a pid alone cannot tell from those of a dead one with the same pid. */
const ownDrafts = new Set<string>();
let draftCount = 0;

/**
 * Makes the folder `target` appear whole or not at all, once, whoever else tries at the same time.
 *
 * `build` fills a draft beside the target; a rename publishes it. The rename alone decides, so the loser of a race
 * merely throws its draft away. Waiting for a living builder only spares the machine doing the same work eight times.
 * An empty folder at `target` counts as missing. Errors of `build` and of the file system pass through.
 */
export async function buildOnce(target: string, build: (draft: string) => Promise<void>): Promise<void> {
  while (!isBuilt(target)) {
    sweepDrafts(target);
    const draft = startDraft(target);
    try {
      if (await yieldToOther(target, draft)) continue;
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

/** A folder that this user may not list is somebody's, hence built: null. */
function readdirOrNull(folder: string): string[] | null {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "EACCES") return null;
    throw error;
  }
}

function startDraft(target: string): string {
  const draft = `${target}.draft-${process.pid}-${draftCount++}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o755 });
  ownDrafts.add(draft);
  return draft;
}

/**
 * Waits while another builder goes first; false when it is our turn to build. Of builders that see each other the one
 * whose name sorts first builds. Ours is announced before others are listed, so at least one of two sees the other.
 */
async function yieldToOther(target: string, own: string): Promise<boolean> {
  const isFirst = () => liveDrafts(target).every((other) => other >= own);
  if (isFirst()) return false;
  rmSync(own, { recursive: true, force: true });
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    if (isBuilt(target) || liveDrafts(target).length === 0) return true;
    await sleep(POLL_MS);
  }
  mkdirSync(own, { mode: 0o755 });
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
  return draftsOf(target).filter((draft) => isLive(draft, LITTER_MS));
}

function sweepDrafts(target: string): void {
  for (const draft of draftsOf(target)) {
    if (!isLive(draft, LITTER_MS)) rmSync(draft, { recursive: true, force: true });
  }
}

function isLive(draft: string, maxAgeMs: number): boolean {
  if (ownDrafts.has(draft)) return true;
  const pid = Number(/\.draft-(\d+)-/.exec(draft)?.[1]);
  if (pid === process.pid || !isAlive(pid)) return false;
  const stats = statSync(draft, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.ctimeMs < maxAgeMs;
}
