/** Writes what lies beside an executable: its SBOM, the licences of what it carries, and the checksums of all. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { listCarriedWorks } from "./carried.ts";
import { describeExecutable } from "./sbom.ts";
import type { Target } from "./targets.ts";

/** @param name of the executable that it describes */
export function writeSbom(root: string, dist: string, target: Target, name: string): string {
  const path = join(dist, `${name}.cdx.json`);
  writeFileSync(path, describeExecutable(root, target, packageJson));
  return path;
}

/** The licence of everything that the executables carry, in full where its package has one. */
export function writeLicences(root: string, dist: string, targets: readonly Target[]): string {
  const rule = "─".repeat(100);
  const works = new Map(
    targets.flatMap((target) => listCarriedWorks(root, target)).map((work) => [work.ref, work]),
  );
  const sections = [...works.values()].map(({ name, version, licence, licenceText }) => {
    const text = licenceText ?? "Its package carries no licence text.";
    return `${rule}\n${name} ${version} (${licence})\n${rule}\n\n${text.trim()}\n`;
  });
  const path = join(dist, "THIRD-PARTY-LICENSES.txt");
  writeFileSync(path, `jejakekal is made with the following works of others.\n\n${sections.join("\n")}`);
  return path;
}

/** In the form that `sha256sum --check SHA256SUMS` takes. */
export function writeSums(dist: string): string {
  const lines = listReleased(dist).map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  const path = join(dist, "SHA256SUMS");
  writeFileSync(path, lines.join(""));
  return path;
}

/** The files in dist that are handed out, with their sha256. */
export function listReleased(dist: string): readonly Readonly<{ name: string; sha256: string }>[] {
  return readdirSync(dist)
    .filter((name) => /^(jejakekal|THIRD-PARTY|install\.sh)/.test(name))
    .sort()
    .map((name) => ({ name, sha256: sha256OfFile(join(dist, name)) }));
}

function sha256OfFile(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
