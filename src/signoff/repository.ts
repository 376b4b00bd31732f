import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { inheritedEnvironment } from "../config.ts";
import type { Recorder } from "./evidence.ts";

/** The content of `.cache/ci-verdict.json`, which `mise run ci` writes. */
const verdictSchema = z.object({
  commit: z.string(),
  dirty: z.boolean(),
  ok: z.boolean(),
  lanes: z.array(z.object({ lane: z.string(), ok: z.boolean(), seconds: z.number() })),
  at: z.string(),
});

type Verdict = z.output<typeof verdictSchema> & Readonly<{ isRecorded: boolean }>;

/** The checkout that the program was called in, and the results of its gate. */
export type Repository = Readonly<{
  commit: string;
  /** The result of the lane in the gate's verdict on the same source. */
  checkLane(check: Recorder["check"], lane: string): Promise<void>;
  checkVerdict(check: Recorder["check"]): Promise<void>;
  close(): void;
}>;

/** About a working day. A verdict on the same commit stays true, but the machine may have changed. */
const FRESH_MS = 24 * 60 * 60_000;

/** Null outside a checkout of this program. */
export function findRepository(folder: string): Repository | null {
  if (!existsSync(join(folder, "scripts", "gate.mjs")) || !existsSync(join(folder, ".git"))) return null;
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
  const commit = git("rev-parse", "HEAD");
  let gate: ChildProcess | null = null;
  let judged: Promise<Verdict> | null = null;

  const judge = async (): Promise<Verdict> => {
    const recorded = readVerdict(folder);
    const isClean = git("status", "--porcelain") === "";
    if (recorded !== null && isClean && isOf(recorded, commit)) return { ...recorded, isRecorded: true };
    gate = startGate(folder);
    await new Promise((resolve, reject) => gate?.once("exit", resolve).once("error", reject));
    gate = null;
    const verdict = readVerdict(folder);
    if (verdict === null) throw new Error("mise run ci left no verdict in .cache/ci-verdict.json");
    return { ...verdict, isRecorded: false };
  };
  const verdictOf = () => {
    judged ??= judge();
    return judged;
  };

  return {
    commit,
    async checkLane(check, lane) {
      const verdict = await verdictOf();
      const found = verdict.lanes.find((entry) => entry.lane === lane);
      const got =
        found === undefined
          ? "not among its lanes"
          : `${found.ok ? "passed" : "failed"} in ${found.seconds.toFixed(0)} s`;
      check(`mise run ${lane}, in ${nameOf(verdict)}`, "passes", got, found?.ok === true);
    },
    async checkVerdict(check) {
      const verdict = await verdictOf();
      const failed = verdict.lanes.filter(({ ok }) => !ok).map(({ lane }) => lane);
      const got =
        failed.length === 0 ? `${verdict.lanes.length} lanes passed` : `failed: ${failed.join(", ")}`;
      check(nameOf(verdict), "every lane passes", got, verdict.ok);
    },
    close() {
      // The gate has its own process group, so that its lanes are killed with it.
      if (gate?.pid !== undefined) process.kill(-gate.pid, "SIGTERM");
    },
  };
}

function nameOf({ isRecorded, commit, dirty, at }: Verdict): string {
  const source = `${commit.slice(0, 12)}${dirty ? " with changes" : ""}`;
  return isRecorded
    ? `the verdict of mise run ci on ${source}, recorded ${at}`
    : `mise run ci on ${source}, run just now`;
}

/** Only a passed verdict is reused; after a failed one the lane runs again. */
function isOf({ commit, dirty, ok, at }: z.output<typeof verdictSchema>, head: string): boolean {
  return ok && !dirty && commit === head && Date.now() - Date.parse(at) < FRESH_MS;
}

function readVerdict(folder: string): z.output<typeof verdictSchema> | null {
  const path = join(folder, ".cache", "ci-verdict.json");
  if (!existsSync(path)) return null;
  const parsed = verdictSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : null;
}

function startGate(folder: string): ChildProcess {
  const { PATH = "", ...inherited } = inheritedEnvironment();
  const bin = join(folder, "node_modules", ".bin");
  return spawn(join(bin, "mise"), ["run", "ci"], {
    cwd: folder,
    detached: true,
    env: {
      ...inherited,
      PATH: `${bin}${delimiter}${PATH}`,
      MISE_TRUSTED_CONFIG_PATHS: folder,
      MISE_YES: "1",
    },
    stdio: ["ignore", 2, 2],
  });
}
