import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { StartFailure } from "../../failure.ts";
import { type Output, runQueries, type TableStyle } from "./client.ts";
import { toPsqlEnvironment } from "./environment.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `psql`: runs the psql on PATH against the database, or the small built-in client when there is none. Resolves to psql's
 * exit code: 0, 1 when a query failed, 2 when the connection failed. Throws StartFailure for arguments that only psql takes.
 */
export async function runPsql(
  args: readonly string[],
  databaseUrl: string,
  env: Environment,
  output: Output,
): Promise<number> {
  const path = findOnPath("psql", env);
  if (path !== null) return spawnPsql(path, args, { ...env, ...toPsqlEnvironment(databaseUrl) });
  const { queries, style } = parsePsqlArgs(args);
  try {
    return (await runQueries(databaseUrl, queries, style, output)) ? 0 : 1;
  } catch (error) {
    output.stderr.write(`psql: error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

function findOnPath(name: string, env: Environment): string | null {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function spawnPsql(path: string, args: readonly string[], env: Environment): Promise<number> {
  // Ctrl-C reaches both processes; psql cancels its query, and this program must wait for it.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const child = spawn(path, args, { stdio: "inherit", env });
    child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
    return await promise;
  } finally {
    process.off("SIGINT", ignore);
  }
}

const ACCEPTED = "there is no psql on PATH, and the built-in client takes -c SQL, -At and -X only";

function parsePsqlArgs(args: readonly string[]): { queries: readonly string[]; style: TableStyle } {
  const { command: queries = [], ...flags } = parseOrRefuse(args[0] === "--" ? args.slice(1) : args);
  const isBare = flags["no-align"] === true;
  if (isBare !== (flags["tuples-only"] === true))
    throw new StartFailure(`-A and -t go together: ${ACCEPTED}.`);
  const meta = queries.find((query) => query.trimStart().startsWith("\\"));
  if (meta !== undefined)
    throw new StartFailure(`${meta.trim().split(/\s/, 1)[0]} is a command of psql: ${ACCEPTED}.`);
  if (queries.length === 0) throw new StartFailure(`There is no query: ${ACCEPTED}.`);
  return { queries, style: isBare ? "bare" : "aligned" };
}

function parseOrRefuse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        command: { type: "string", short: "c", multiple: true },
        "tuples-only": { type: "boolean", short: "t" },
        "no-align": { type: "boolean", short: "A" },
        // The built-in client reads no psqlrc.
        "no-psqlrc": { type: "boolean", short: "X" },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(/[.\n]/, 1)[0] ?? "") : "";
    throw new StartFailure(`${reason}: ${ACCEPTED}.`);
  }
}
