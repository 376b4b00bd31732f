/** Adds to the executables of all platforms in dist what a release has besides: install.sh, the provenance and the checksums. Run by scripts/release.mjs. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { buildEnvelope } from "../../src/bundle/dsse.ts";
import { findSigningKey } from "../../src/files/signing-key.ts";
import { listReleased, writeSums } from "./notices.ts";
import { OCR_ARCHIVE, packOcrData } from "./ocr-data.ts";
import { checkTag, describeProvenance, installerFor, type ReleaseSource } from "./provenance.ts";
import { TARGETS } from "./targets.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist");

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_REF_TYPE, GITHUB_REF_NAME, GITHUB_RUN_ID } = process.env;
const repository =
  GITHUB_SERVER_URL === undefined || GITHUB_REPOSITORY === undefined
    ? null
    : `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
const source: ReleaseSource = {
  version: packageJson.version,
  commit: git("rev-parse", "HEAD"),
  isChanged: git("status", "--porcelain") !== "",
  tag: GITHUB_REF_TYPE === "tag" && GITHUB_REF_NAME !== undefined ? GITHUB_REF_NAME : null,
  repository,
  run:
    repository === null || GITHUB_RUN_ID === undefined ? null : `${repository}/actions/runs/${GITHUB_RUN_ID}`,
};
checkTag(source);
writeFileSync(join(dist, OCR_ARCHIVE), await packOcrData(root));

const installer = readFileSync(join(root, "infra", "install.sh"), "utf8");
writeFileSync(join(dist, "install.sh"), installerFor(installer, source), { mode: 0o755 });

const statement = describeProvenance(source, listReleased(dist), {
  targets: TARGETS,
  lockfile: readFileSync(join(root, "package-lock.json")),
});
writeFileSync(join(dist, "jejakekal.provenance.json"), statement);
const key = await findSigningKey(process.env.JEJAKEKAL_SIGNING_KEY);
if (key !== null) writeFileSync(join(dist, "jejakekal.intoto.jsonl"), buildEnvelope(statement, key).bytes);
console.log(
  `${writeSums(dist).slice(root.length)}, provenance ${key === null ? "not signed: JEJAKEKAL_SIGNING_KEY is not set" : "signed"}`,
);

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}
