import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { StartFailure } from "../../failure.ts";
import { type PrintOptions, runScripts } from "./client.ts";
import { splitStatements } from "./split.ts";

/** Where the built-in client reads SQL and writes tables and errors; a real `psql` inherits the program's own. */
interface PsqlStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `psql`: runs the one on PATH against the database, or else the small client built in. Resolves to the exit code: that
 * of psql, or 1 when a statement failed. Throws StartFailure for what the built-in client does not do.
 */
export async function runPsql(
  args: readonly string[],
  databaseUrl: string,
  env: Environment,
  streams: PsqlStreams,
): Promise<number> {
  const found = findOnPath("psql", env);
  return found ? execPsql(found, args, databaseUrl, env) : runBuiltIn(args, databaseUrl, streams);
}

function findOnPath(name: string, env: Environment): string | null {
  const paths = (env.PATH ?? "").split(delimiter).filter((dir) => dir !== "");
  return paths.map((dir) => join(dir, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function execPsql(
  path: string,
  args: readonly string[],
  url: string,
  env: Environment,
): Promise<number> {
  // Ctrl-C reaches both; it cancels psql's query, and this program must outlive that.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const child = spawn(path, args, { stdio: "inherit", env: { ...env, ...toPsqlEnvironment(url) } });
    child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
    return await promise;
  } finally {
    process.off("SIGINT", ignore);
  }
}

/** libpq's variables for the parameters that a Postgres URL may carry after `?`. */
const PARAMETER_VARIABLES: Readonly<Record<string, string>> = {
  host: "PGHOST",
  port: "PGPORT",
  user: "PGUSER",
  password: "PGPASSWORD",
  dbname: "PGDATABASE",
  sslmode: "PGSSLMODE",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslrootcert: "PGSSLROOTCERT",
  options: "PGOPTIONS",
  connect_timeout: "PGCONNECT_TIMEOUT",
  application_name: "PGAPPNAME",
  channel_binding: "PGCHANNELBINDING",
};

/**
 * The database as libpq's environment variables. On the command line everyone on the machine could read a password, and
 * `psql -- -d other` could not override it.
 */
export function toPsqlEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const parts = { host: hostname, port, user: username, password, dbname: pathname.slice(1) };
  const given = [
    ...Object.entries(parts).map(([key, value]) => [key, decodeURIComponent(value)]),
    ...searchParams,
  ];
  const variables: Record<string, string> = {};
  for (const [key = "", value = ""] of given) {
    const variable = PARAMETER_VARIABLES[key];
    if (variable && value !== "") variables[variable] = value;
  }
  return variables;
}

async function runBuiltIn(args: readonly string[], url: string, streams: PsqlStreams): Promise<number> {
  const { commands, options } = parsePsqlArgs(args);
  if (commands.length === 0 && streams.stdin.isTTY) {
    throw new StartFailure(
      "There is no psql on PATH, and the built-in client is not interactive: give it -c SQL, or SQL on stdin.",
    );
  }
  const scripts = commands.length > 0 ? commands : splitStatements(await text(streams.stdin));
  const meta = scripts.find((script) => script.trimStart().startsWith("\\"));
  if (meta !== undefined) {
    throw new StartFailure(`The built-in client takes SQL only; ${firstWord(meta)} needs psql on PATH.`);
  }
  try {
    return (await runScripts(url, scripts, options, streams)) ? 0 : 1;
  } catch (error) {
    streams.stderr.write(`psql: error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

function firstWord(text: string): string {
  return text.trim().split(/\s/, 1)[0] ?? "";
}

function parsePsqlArgs(args: readonly string[]): { commands: string[]; options: PrintOptions } {
  const { values } = parseOrRefuse(args[0] === "--" ? args.slice(1) : args);
  return {
    commands: values.command ?? [],
    options: {
      isTuplesOnly: values["tuples-only"] ?? false,
      isUnaligned: values["no-align"] ?? false,
      isQuiet: values.quiet ?? false,
    },
  };
}

function parseOrRefuse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        command: { type: "string", short: "c", multiple: true },
        "tuples-only": { type: "boolean", short: "t" },
        "no-align": { type: "boolean", short: "A" },
        quiet: { type: "boolean", short: "q" },
        // What psql needs to be told, this client does anyway: it reads no psqlrc.
        "no-psqlrc": { type: "boolean", short: "X" },
      },
    });
  } catch (error) {
    const said = error instanceof Error ? (error.message.split(/[.\n]/, 1)[0] ?? "") : "";
    throw new StartFailure(
      `${said}: there is no psql on PATH, and the built-in client takes only -c SQL, -t, -A, -q, -X and SQL on stdin.`,
    );
  }
}
