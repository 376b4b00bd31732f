import { BlockList, isIP, isIPv6 } from "node:net";
import { availableParallelism, homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { type Duration, parseDuration } from "./duration.ts";
import { StartFailure } from "./failure.ts";
import { ownCommand } from "./own-command.ts";

/** Every setting: what it is called, what it takes, what it is when unset. The README's table is tested against this. */
const SETTINGS = {
  API_PORT: setting(port(4010), "a port number from 0 to 65535 (0: any free one)"),
  UI_PORT: setting(port(4110), "a port number from 0 to 65535 (0: any free one)"),
  JEJAKEKAL_HOST: setting(z.string().min(1).optional(), "an address to listen on"),
  HOST: setting(z.string().min(1).optional(), "a loopback address to listen on"),
  JEJAKEKAL_ALLOWED_HOSTS: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9.-]{1,253}(,[A-Za-z0-9.-]{1,253})*$/)
      .transform((names): readonly string[] => names.split(","))
      .default([]),
    "host names separated by commas",
  ),
  JEJAKEKAL_PUBLIC_URL: setting(
    z
      .url({ protocol: /^https?$/ })
      .regex(/^https?:\/\/[^/?#@]+\/?$/)
      .transform((url) => new URL(url))
      .optional(),
    "an http or https URL without a path, such as https://runs.example.org",
  ),
  JEJAKEKAL_TRUSTED_PROXIES: setting(
    z
      .string()
      .transform((list): readonly string[] => list.split(","))
      .refine((proxies) => proxies.every(isAddressOrNetwork))
      .default([]),
    "addresses and networks separated by commas, such as 127.0.0.1,10.0.0.0/8",
  ),
  JEJAKEKAL_ANONYMOUS: setting(flag(false), "1 or 0"),
  JEJAKEKAL_TOKEN: setting(
    z
      .string()
      .regex(/^jjk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/)
      .optional(),
    "a token that jejakekal token new made",
  ),
  UI_EMBED_API: setting(flag(true), "1 or 0"),
  DBOS_SYSTEM_DATABASE_URL: setting(
    z
      .string()
      .regex(/^postgres(ql)?:\/\/[^/]+\/[^/?]+/)
      .refine((url) => URL.canParse(url))
      .optional(),
    "a URL like postgres://user@host:5432/database",
  ),
  JEJAKEKAL_PGPORT: setting(integer(1, 65535).optional(), "a port number from 1 to 65535"),
  PGPORT: setting(integer(1, 65535).optional(), "a port number from 1 to 65535"),
  JEJAKEKAL_HOME: setting(z.string().min(1).optional(), "a folder"),
  JEJAKEKAL_DEFAULT_HOME: setting(z.string().min(1).optional(), "a folder"),
  JEJAKEKAL_BUNDLES_ROOT: setting(z.string().min(1).default(".cache/run-bundles"), "a folder"),
  JEJAKEKAL_NODE: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
      .default("local"),
    "a name of up to 64 of A-Z a-z 0-9 . _ -",
  ),
  JEJAKEKAL_WORKERS: setting(integer(1, 64).optional(), "a number from 1 to 64"),
  JEJAKEKAL_MAX_BODY_BYTES: setting(
    integer(1, 256 * 1024 ** 2).default(32 * 1024 ** 2),
    "a number of bytes from 1 to 268435456",
  ),
  JEJAKEKAL_MAX_DERIVATION_BYTES: setting(
    integer(64 * 1024 ** 2, 64 * 1024 ** 3).default(1_000_000_000),
    "a number of bytes from 67108864 to 68719476736",
  ),
  JEJAKEKAL_OCR: setting(
    z
      .string()
      .regex(/^[A-Za-z]{3}(_[A-Za-z]+)*(\+[A-Za-z]{3}(_[A-Za-z]+)*){0,7}$/)
      .optional(),
    "names of languages joined by +, such as eng or eng+ind",
  ),
  JEJAKEKAL_OCR_DATA: setting(z.string().min(1).optional(), "a folder"),
  JEJAKEKAL_WARM_PROCESSES: setting(integer(0, 2).default(1), "a number from 0 to 2"),
  JEJAKEKAL_MAX_RUNNING: setting(integer(1, 1_000_000).optional(), "a number from 1 to 1000000"),
  JEJAKEKAL_CONCURRENCY: setting(integer(1, 10_000).optional(), "a number from 1 to 10000"),
  JEJAKEKAL_WEBHOOK_URL: setting(
    z
      .url({ protocol: /^https?$/ })
      .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url))
      .optional(),
    "an http or https URL without a user or password",
  ),
  JEJAKEKAL_WEBHOOK_SECRET: setting(
    z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/)
      .optional(),
    "whsec_ and at least 24 bytes in base64",
  ),
  JEJAKEKAL_WEBHOOK_TIMEOUT_MS: setting(
    integer(1, 60_000).default(10_000),
    "a number of milliseconds from 1 to 60000",
  ),
  JEJAKEKAL_WEBHOOK_ALLOW_PRIVATE: setting(flag(false), "1 or 0"),
  JEJAKEKAL_RETENTION: setting(
    z
      .string()
      .transform(parseDuration)
      .refine((duration) => duration !== null)
      .optional(),
    "an ISO 8601 duration in weeks, days, hours, minutes and seconds, such as P90D",
  ),
  JEJAKEKAL_SIGNING_KEY: setting(z.string().min(1).optional(), "a file with an Ed25519 private key"),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    z
      .url({ protocol: /^https?$/ })
      .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url))
      .transform((url) => new URL(url))
      .optional(),
    "an http or https URL without a user or password, such as http://127.0.0.1:4318",
  ),
  JEJAKEKAL_LOG_FORMAT: setting(z.enum(["json", "pretty"]).default("json"), "json or pretty"),
  JEJAKEKAL_LOG_LEVEL: setting(
    z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
    "debug, info, warn, error or silent",
  ),
} as const;

/** Settings that may hold a password or a token: they are named and never shown. */
const SECRET: ReadonlySet<keyof typeof SETTINGS> = new Set([
  "DBOS_SYSTEM_DATABASE_URL",
  "JEJAKEKAL_WEBHOOK_URL",
  "JEJAKEKAL_WEBHOOK_SECRET",
  "JEJAKEKAL_TOKEN",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
]);

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly (keyof typeof SETTINGS)[];

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** `json`: a line of JSON for each event; `pretty`: for a person at a terminal. */
export type LogFormat = "json" | "pretty";

export type Config = Readonly<{
  apiPort: number;
  uiPort: number;
  /** The address that both listeners bind. */
  host: string;
  /** True when only programs on this machine can reach `host`. */
  isHostLoopback: boolean;
  /** Names that a listener on a loopback address answers besides the loopback names, for a reverse proxy in front of it. */
  allowedHosts: readonly string[];
  /** The address by which browsers reach this program, when a proxy is in front of it. */
  publicUrl: URL | undefined;
  /** Addresses and networks whose `X-Forwarded-*` headers count. */
  trustedProxies: readonly string[];
  /** Whether requests without a token may do everything, also on a host that other machines can reach. */
  isAnonymousAllowed: boolean;
  /** The token that the subcommands use. */
  token: string | undefined;
  /** False: the UI listener alone, talking to an API elsewhere over HTTP. */
  embedApi: boolean;
  /** An external Postgres; undefined means the embedded one on `pgPort` with its data under `home`. */
  databaseUrl: string | undefined;
  pgPort: number;
  home: string;
  /** Whether that folder was asked for; otherwise that of a server which has `pgPort` already will do as well. */
  isHomeChosen: boolean;
  bundlesRoot: string;
  /** The executor id that DBOS records and recovers by. */
  node: string;
  /** How many nodes `serve` and `api` run, each in a process of its own. */
  workers: number;
  maxBodyBytes: number;
  /** The resident memory of a child process that derives an artifact. */
  maxDerivationBytes: number;
  /** How scanned pages and pictures are read. */
  ocr: OcrConfig;
  /** How many child processes wait for documents, with their code compiled. */
  warmProcesses: number;
  /** Runs that may be running at once, over all nodes; undefined: any number. */
  maxRunning: number | undefined;
  /** Runs whose steps this node executes at once; undefined: any number. */
  concurrency: number | undefined;
  /** Where runs make themselves known; undefined: by a receipt in the database. */
  webhook: WebhookConfig | undefined;
  /** The file of the key that signs bundles; undefined leaves them unsigned. */
  signingKeyPath: string | undefined;
  /** The time after its end at which the document and the artifacts of a run are erased; undefined: never. */
  retention: Duration | undefined;
  /** The OpenTelemetry collector that gets the traces; undefined: nothing is traced. */
  otlpEndpoint: URL | undefined;
  logLevel: LogLevel;
  logFormat: LogFormat;
}>;

/** The languages of OCR, joined by "+", or null; and the folders in which its engine and data are looked for. */
export type OcrConfig = Readonly<{ languages: string | null; folders: readonly string[] }>;

export type WebhookConfig = Readonly<{ url: URL; secret: string; allowPrivate: boolean; timeoutMs: number }>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment, typed once. An empty value counts as unset.
 * @throws StartFailure with one line that names the variable, what it got and what it takes
 */
export function readConfig(env: Environment = process.env): Config {
  const read = <Name extends keyof typeof SETTINGS>(name: Name) => readSetting(name, env[name]);
  const host = readHost(read);
  return Object.freeze({
    apiPort: read("API_PORT"),
    uiPort: read("UI_PORT"),
    host,
    isHostLoopback: isLoopback(host),
    allowedHosts: read("JEJAKEKAL_ALLOWED_HOSTS"),
    publicUrl: read("JEJAKEKAL_PUBLIC_URL"),
    trustedProxies: read("JEJAKEKAL_TRUSTED_PROXIES"),
    isAnonymousAllowed: read("JEJAKEKAL_ANONYMOUS"),
    token: read("JEJAKEKAL_TOKEN"),
    embedApi: read("UI_EMBED_API"),
    databaseUrl: read("DBOS_SYSTEM_DATABASE_URL"),
    pgPort: read("JEJAKEKAL_PGPORT") ?? read("PGPORT") ?? 55_440,
    home: homeOf(env),
    isHomeChosen: read("JEJAKEKAL_HOME") !== undefined,
    bundlesRoot: resolve(read("JEJAKEKAL_BUNDLES_ROOT")),
    node: read("JEJAKEKAL_NODE"),
    workers: read("JEJAKEKAL_WORKERS") ?? defaultWorkers(),
    maxBodyBytes: read("JEJAKEKAL_MAX_BODY_BYTES"),
    maxDerivationBytes: read("JEJAKEKAL_MAX_DERIVATION_BYTES"),
    ocr: readOcrConfig(env),
    warmProcesses: read("JEJAKEKAL_WARM_PROCESSES"),
    maxRunning: read("JEJAKEKAL_MAX_RUNNING"),
    concurrency: read("JEJAKEKAL_CONCURRENCY"),
    webhook: readWebhook(read),
    signingKeyPath: read("JEJAKEKAL_SIGNING_KEY"),
    retention: read("JEJAKEKAL_RETENTION"),
    otlpEndpoint: read("OTEL_EXPORTER_OTLP_ENDPOINT"),
    logLevel: read("JEJAKEKAL_LOG_LEVEL"),
    logFormat: read("JEJAKEKAL_LOG_FORMAT"),
  });
}

const OCR_FOLDER = "ocr-data";

/** The settings of OCR alone, for a program that needs no others. Throws StartFailure as `readConfig` does. */
export function readOcrConfig(env: Environment = process.env): OcrConfig {
  const folder = readSetting("JEJAKEKAL_OCR_DATA", env.JEJAKEKAL_OCR_DATA);
  const besideProgram = join(dirname(ownCommand().at(-1) ?? ""), OCR_FOLDER);
  return Object.freeze({
    languages: readSetting("JEJAKEKAL_OCR", env.JEJAKEKAL_OCR) ?? null,
    folders: folder === undefined ? [join(homeOf(env), OCR_FOLDER), besideProgram] : [resolve(folder)],
  });
}

function homeOf(env: Environment): string {
  const chosen = readSetting("JEJAKEKAL_HOME", env.JEJAKEKAL_HOME);
  const byDefault = readSetting("JEJAKEKAL_DEFAULT_HOME", env.JEJAKEKAL_DEFAULT_HOME);
  return resolve(chosen ?? byDefault ?? platformHome(env));
}

/**
 * The API listener, the UI listener and the embedded Postgres need a port each.
 * @throws StartFailure with one line that names the two settings
 */
export function assertDistinctPorts(
  config: Pick<Config, "apiPort" | "uiPort" | "pgPort" | "databaseUrl">,
  listeners: readonly ("api" | "ui")[],
): void {
  const ports = [
    ...(listeners.includes("api") ? [["API_PORT", config.apiPort] as const] : []),
    ...(listeners.includes("ui") ? [["UI_PORT", config.uiPort] as const] : []),
    ...(config.databaseUrl === undefined ? [["JEJAKEKAL_PGPORT", config.pgPort] as const] : []),
  ].filter(([, port]) => port !== 0);
  for (const [name, port] of ports) {
    const other = ports.find(([otherName, otherPort]) => otherName !== name && otherPort === port);
    if (other === undefined) continue;
    throw new StartFailure(`${name} and ${other[0]} are both ${port}: set one of them to another port.`);
  }
}

type Read = <Name extends keyof typeof SETTINGS>(name: Name) => z.output<(typeof SETTINGS)[Name]["schema"]>;

const DEFAULT_HOST = "127.0.0.1";

/** Conda and tcsh export HOST for purposes of their own, so it may not open the service to other machines. */
function readHost(read: Read): string {
  const host = read("JEJAKEKAL_HOST");
  if (host !== undefined) return host;
  const old = read("HOST") ?? DEFAULT_HOST;
  if (isLoopback(old)) return old;
  throw new StartFailure(
    `HOST is ${JSON.stringify(old)}, which is not a loopback address, and other programs set HOST too: set JEJAKEKAL_HOST to the address to listen on (${DEFAULT_HOST} for this machine alone).`,
  );
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  return host.toLowerCase() === "localhost" || LOOPBACK.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

/** An address, or a network such as `10.0.0.0/8`. */
function isAddressOrNetwork(text: string): boolean {
  const [address = "", prefix = "0", ...rest] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

function readWebhook(read: Read): WebhookConfig | undefined {
  const url = read("JEJAKEKAL_WEBHOOK_URL");
  const secret = read("JEJAKEKAL_WEBHOOK_SECRET");
  // Read before they are needed: a bad value stops the start, whether or not there is a webhook yet.
  const allowPrivate = read("JEJAKEKAL_WEBHOOK_ALLOW_PRIVATE");
  const timeoutMs = read("JEJAKEKAL_WEBHOOK_TIMEOUT_MS");
  if (url === undefined) return undefined;
  if (secret === undefined) {
    throw new StartFailure(
      "JEJAKEKAL_WEBHOOK_URL needs JEJAKEKAL_WEBHOOK_SECRET to sign with, and it is not set.",
    );
  }
  return Object.freeze({ url: new URL(url), secret, allowPrivate, timeoutMs });
}

/** What a program that this one starts on a person's behalf may see: all that the person set. */
export function inheritedEnvironment(): Environment {
  return process.env;
}

/** The part of a process's memory limit that Bun is told the machine has. At it, garbage takes about as much again. */
const COLLECTED_PART = 0.4;

/** How often Bun looks for garbage in a process that waits for a document; each second by default. */
const IDLE_COLLECTION_INTERVAL_MS = 10_000;

/**
 * The environment of a child process that derives documents within `maxBytes` of memory. Bun decides by the memory of the machine how
 * much garbage it leaves, and would exceed the limit by garbage alone; Node does not read the variables.
 */
export function derivingEnvironment(maxBytes: number): Environment {
  return {
    ...process.env,
    BUN_JSC_forceRAMSize: String(Math.round(maxBytes * COLLECTED_PART)),
    BUN_GC_TIMER_INTERVAL: String(IDLE_COLLECTION_INTERVAL_MS),
  };
}

function readSetting<Name extends keyof typeof SETTINGS>(name: Name, raw: string | undefined) {
  const { schema, takes } = SETTINGS[name];
  const result = schema.safeParse(raw === "" ? undefined : raw);
  if (!result.success) {
    const got = SECRET.has(name) ? "something else" : JSON.stringify(raw);
    throw new StartFailure(`${name} takes ${takes}, and got ${got}.`);
  }
  return result.data as z.output<(typeof SETTINGS)[Name]["schema"]>;
}

const MAX_DEFAULT_WORKERS = 8;

/** One for each two cores: a run costs Postgres about as much processor time as its node. Bun's processes share ports on Linux alone. */
function defaultWorkers(): number {
  if (process.versions.bun !== undefined && process.platform !== "linux") return 1;
  return Math.max(1, Math.min(MAX_DEFAULT_WORKERS, availableParallelism() >> 1));
}

/** The platform's place for a program's own data. */
function platformHome(env: Environment): string {
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "jejakekal");
  return join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "jejakekal");
}

function setting<Schema extends z.ZodType>(schema: Schema, takes: string) {
  return { schema, takes };
}

function integer(min: number, max: number) {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(min).max(max));
}

function port(byDefault: number) {
  return integer(0, 65535).default(byDefault);
}

function flag(byDefault: boolean) {
  return z
    .enum(["0", "1"])
    .transform((value) => value === "1")
    .default(byDefault);
}
