import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { sha256Hex } from "../sha256.ts";
import { bundleOf } from "../testing/bundles.ts";
import { REPOSITORY } from "../testing/paths.ts";
import { slow } from "../testing/service.ts";
import { zipBundle } from "./zip-writer.ts";

const PROGRAM = join(REPOSITORY, "src", "testing", "print-zip-digest.ts");
const LOADERS = ["--import", "tsx", "--import", "./scripts/text-modules.mjs"];

const HOSTS = [
  ["node", [...LOADERS, PROGRAM], { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" }],
  ["bun", [PROGRAM], { TZ: "America/St_Johns", LANG: "C", LC_ALL: "C" }],
] as const;

test(
  "the zip file of a run is the same bytes on Node and on Bun, in other time zones and languages",
  slow,
  async () => {
    const { entries } = await bundleOf();
    const parts: Uint8Array[] = [];
    for await (const part of await zipBundle(entries)) parts.push(part);
    const here = sha256Hex(Buffer.concat(parts));
    for (const [program, args, env] of HOSTS) {
      const options = { cwd: REPOSITORY, env: { ...process.env, ...env } };
      const { stdout } = await promisify(execFile)(program, [...args], options);
      assert.equal(stdout.trim(), `${env.TZ} ${here}`, program);
    }
  },
);
