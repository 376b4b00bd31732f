/** Writes what lies beside an executable: its SBOM, the licences of what it carries, and the checksums of all. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { listCarriedWorks } from "./carried.ts";
import { describeExecutable } from "./sbom.ts";
import type { Target } from "./targets.ts";

export function writeSbom(root: string, dist: string, target: Target): string {
  const path = join(dist, "jejakekal.cdx.json");
  writeFileSync(path, describeExecutable(root, target, packageJson));
  return path;
}

/** The licence of everything that the executable carries, in full where its package has one. */
export function writeLicences(root: string, dist: string, target: Target): string {
  const rule = "─".repeat(100);
  const sections = listCarriedWorks(root, target).map(({ name, version, licence, licenceText }) => {
    const text = licenceText ?? "Its package carries no licence text.";
    return `${rule}\n${name} ${version} (${licence})\n${rule}\n\n${text.trim()}\n`;
  });
  const path = join(dist, "THIRD-PARTY-LICENSES.txt");
  writeFileSync(path, `jejakekal is made with the following works of others.\n\n${sections.join("\n")}`);
  return path;
}

/** In the form that `sha256sum --check SHA256SUMS` takes. */
export function writeSums(dist: string): string {
  const names = readdirSync(dist)
    .filter((name) => /^(jejakekal|THIRD-PARTY)/.test(name))
    .sort();
  const lines = names.map((name) => `${sha256OfFile(join(dist, name))}  ${name}\n`);
  const path = join(dist, "SHA256SUMS");
  writeFileSync(path, lines.join(""));
  return path;
}

function sha256OfFile(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
