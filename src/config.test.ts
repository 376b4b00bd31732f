import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { readConfig, SETTING_NAMES } from "./config.ts";
import { StartFailure } from "./failure.ts";

const TOKEN = `jjk_${"0".repeat(16)}_${"t".repeat(43)}`;
const SECRET = `whsec_${Buffer.alloc(24, "s").toString("base64")}`;

/** For each setting what it refuses, what its refusal says that it takes, and whether it may show what it got. */
const REFUSALS: Readonly<
  Record<(typeof SETTING_NAMES)[number], readonly [values: readonly string[], takes: RegExp, isSecret?: true]>
> = {
  API_PORT: [["65536", "-1", "80a", " 80", "4010.5", "1e3", "0x50"], /a port number from 0 to 65535/],
  UI_PORT: [["65536", "http", "4 110"], /a port number from 0 to 65535/],
  // Any text may be the name of an address; whether it is one shows when it is listened on.
  JEJAKEKAL_HOST: [[], /an address/],
  JEJAKEKAL_ALLOWED_HOSTS: [["a,", "a b", "http://a", "a:80"], /host names separated by commas/],
  HOST: [[], /a loopback address/],
  JEJAKEKAL_PUBLIC_URL: [
    ["runs.example", "ftp://runs.example", "https://runs.example/jejakekal", "https://u:p@runs.example"],
    /an http or https URL without a path/,
  ],
  JEJAKEKAL_TRUSTED_PROXIES: [["proxy", "10.0.0.0/33", "10.0.0.1,", "::1/x"], /addresses and networks/],
  JEJAKEKAL_ANONYMOUS: [["true", "2"], /1 or 0/],
  JEJAKEKAL_TOKEN: [["hunter2", "jjk_0_hunter2"], /a token that jejakekal token new made/, true],
  UI_EMBED_API: [["true", "yes", "2", "01"], /1 or 0/],
  DBOS_SYSTEM_DATABASE_URL: [
    ["mysql://u:hunter2@host/db", "postgres://hunter2", "host:5432/hunter2", "postgres:///hunter2"],
    /a URL like postgres:\/\/user@host:5432\/database/,
    true,
  ],
  JEJAKEKAL_PGPORT: [["0", "5432 "], /a port number from 1 to 65535/],
  PGPORT: [["0", "70000", "five"], /a port number from 1 to 65535/],
  JEJAKEKAL_HOME: [[], /a folder/],
  JEJAKEKAL_DEFAULT_HOME: [[], /a folder/],
  JEJAKEKAL_BUNDLES_ROOT: [[], /a folder/],
  JEJAKEKAL_NODE: [["-a", "a b", "a/b", "é", "a".repeat(65), "a\nb"], /a name of up to 64 of A-Z a-z 0-9/],
  JEJAKEKAL_WORKERS: [["0", "65", "two"], /a number from 1 to 64/],
  JEJAKEKAL_MAX_BODY_BYTES: [["0", "268435457", "32M", "1.5"], /a number of bytes from 1 to 268435456/],
  JEJAKEKAL_MAX_DERIVATION_BYTES: [
    ["1", "1G", "67108863", "68719476737"],
    /a number of bytes from 67108864 to 68719476736/,
  ],
  JEJAKEKAL_OCR: [["1", "en", "eng,deu", "eng+", "../eng", "eng/x"], /names of languages joined by \+/],
  JEJAKEKAL_OCR_DATA: [[], /a folder/],
  JEJAKEKAL_WARM_PROCESSES: [["-1", "3", "one"], /a number from 0 to 2/],
  JEJAKEKAL_MAX_RUNNING: [["0", "many"], /a number from 1 to 1000000/],
  JEJAKEKAL_CONCURRENCY: [["0", "1.5"], /a number from 1 to 10000/],
  JEJAKEKAL_WEBHOOK_URL: [
    ["hunter2", "ftp://hunter2/", "//hunter2", "https://me:hunter2@example.test/"],
    /an http or https URL/,
    true,
  ],
  JEJAKEKAL_WEBHOOK_SECRET: [
    ["hunter2", "whsec_hunter2", SECRET.slice(6)],
    /whsec_ and at least 24 bytes/,
    true,
  ],
  JEJAKEKAL_WEBHOOK_TIMEOUT_MS: [["0", "60001", "10s"], /a number of milliseconds from 1 to 60000/],
  JEJAKEKAL_WEBHOOK_ALLOW_PRIVATE: [["true", "no"], /1 or 0/],
  JEJAKEKAL_RETENTION: [["90", "P1Y", "P", "90D"], /an ISO 8601 duration/],
  JEJAKEKAL_SIGNING_KEY: [[], /a file/],
  OTEL_EXPORTER_OTLP_ENDPOINT: [
    ["hunter2", "ftp://hunter2/", "https://me:hunter2@example.test/"],
    /an http or https URL/,
    true,
  ],
  JEJAKEKAL_LOG_FORMAT: [["text", "JSON"], /json or pretty/],
  JEJAKEKAL_LOG_LEVEL: [["verbose", "INFO", "trace"], /debug, info, warn, error or silent/],
};

describe("a setting", () => {
  for (const [name, [values, takes, isSecret = false]] of Object.entries(REFUSALS)) {
    test(`${name} that is not accepted stops the start with one line that says what it got and what it takes`, () => {
      for (const value of values) {
        const line = refusalOf({ [name]: value });
        assert.ok(line.startsWith(`${name} takes `), line);
        assert.match(line, takes);
        assert.doesNotMatch(line, /\n/);
        if (isSecret) assert.doesNotMatch(line, /hunter2/, "what may hold a secret is not shown");
        else assert.ok(line.includes(`got ${JSON.stringify(value)}.`), line);
      }
    });
  }

  test("that is empty counts as unset", () => {
    const empty = Object.fromEntries(SETTING_NAMES.map((name) => [name, ""]));
    assert.deepEqual(readConfig(empty), readConfig({}));
  });

  test("that is not known is ignored", () => {
    assert.deepEqual(readConfig({ API_PROT: "x", EDITOR: "vi" }), readConfig({}));
  });
});

describe("the configuration", () => {
  test("is the contract's when nothing is set", () => {
    const { home, bundlesRoot, workers, ocr, ...rest } = readConfig({ XDG_DATA_HOME: "/data" });
    assert.equal(workers, Math.max(1, Math.min(8, Math.floor(availableParallelism() / 2))));
    assert.deepEqual(rest, {
      apiPort: 4010,
      uiPort: 4110,
      host: "127.0.0.1",
      isHostLoopback: true,
      allowedHosts: [],
      publicUrl: undefined,
      trustedProxies: [],
      isAnonymousAllowed: false,
      token: undefined,
      embedApi: true,
      databaseUrl: undefined,
      pgPort: 55440,
      isHomeChosen: false,
      node: "local",
      maxBodyBytes: 33_554_432,
      maxDerivationBytes: 1_000_000_000,
      warmProcesses: 1,
      webhook: undefined,
      maxRunning: undefined,
      concurrency: undefined,
      retention: undefined,
      signingKeyPath: undefined,
      otlpEndpoint: undefined,
      logLevel: "info",
      logFormat: "json",
    });
    assert.equal(ocr.languages, null);
    assert.deepEqual(ocr.folders, [`${home}/ocr-data`, resolve(import.meta.dirname, "ocr-data")]);
    assert.equal(bundlesRoot, resolve(".cache/run-bundles"));
    assert.match(home, /jejakekal$/);
  });

  test("takes each setting at its word", () => {
    const config = readConfig({
      API_PORT: "0",
      UI_PORT: "65535",
      JEJAKEKAL_HOST: "::",
      HOST: "::1",
      JEJAKEKAL_ALLOWED_HOSTS: "a.example,b",
      JEJAKEKAL_PUBLIC_URL: "https://runs.example:8443",
      JEJAKEKAL_TRUSTED_PROXIES: "127.0.0.1,10.0.0.0/8,::1/128",
      JEJAKEKAL_ANONYMOUS: "1",
      JEJAKEKAL_TOKEN: TOKEN,
      UI_EMBED_API: "0",
      DBOS_SYSTEM_DATABASE_URL: "postgresql://u:p@h:1/db?sslmode=require",
      JEJAKEKAL_PGPORT: "1",
      PGPORT: "2",
      JEJAKEKAL_HOME: "/somewhere/",
      JEJAKEKAL_DEFAULT_HOME: "/elsewhere/",
      JEJAKEKAL_BUNDLES_ROOT: "bundles",
      JEJAKEKAL_NODE: "node-1.a_b",
      JEJAKEKAL_WORKERS: "3",
      JEJAKEKAL_MAX_BODY_BYTES: "1",
      JEJAKEKAL_MAX_DERIVATION_BYTES: "67108864",
      JEJAKEKAL_OCR: "eng+chi_sim",
      JEJAKEKAL_OCR_DATA: "/data/ocr",
      JEJAKEKAL_WARM_PROCESSES: "0",
      JEJAKEKAL_WEBHOOK_URL: "https://example.test/hook",
      JEJAKEKAL_WEBHOOK_SECRET: SECRET,
      JEJAKEKAL_WEBHOOK_TIMEOUT_MS: "5",
      JEJAKEKAL_WEBHOOK_ALLOW_PRIVATE: "1",
      JEJAKEKAL_MAX_RUNNING: "100",
      JEJAKEKAL_CONCURRENCY: "8",
      JEJAKEKAL_RETENTION: "P90D",
      JEJAKEKAL_SIGNING_KEY: "/keys/a.pem",
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example:4318",
      JEJAKEKAL_LOG_LEVEL: "silent",
      JEJAKEKAL_LOG_FORMAT: "pretty",
    });
    assert.deepEqual(config, {
      apiPort: 0,
      uiPort: 65_535,
      host: "::",
      isHostLoopback: false,
      allowedHosts: ["a.example", "b"],
      publicUrl: new URL("https://runs.example:8443"),
      trustedProxies: ["127.0.0.1", "10.0.0.0/8", "::1/128"],
      isAnonymousAllowed: true,
      token: TOKEN,
      embedApi: false,
      databaseUrl: "postgresql://u:p@h:1/db?sslmode=require",
      pgPort: 1,
      home: "/somewhere",
      isHomeChosen: true,
      bundlesRoot: resolve("bundles"),
      node: "node-1.a_b",
      workers: 3,
      maxBodyBytes: 1,
      maxDerivationBytes: 67_108_864,
      ocr: { languages: "eng+chi_sim", folders: ["/data/ocr"] },
      warmProcesses: 0,
      webhook: {
        url: new URL("https://example.test/hook"),
        secret: SECRET,
        allowPrivate: true,
        timeoutMs: 5,
      },
      maxRunning: 100,
      concurrency: 8,
      retention: { text: "P90D", ms: 7_776_000_000 },
      signingKeyPath: "/keys/a.pem",
      otlpEndpoint: new URL("http://collector.example:4318"),
      logLevel: "silent",
      logFormat: "pretty",
    });
  });

  test("has a home that the surroundings chose where nobody asked for one", () => {
    const { home, isHomeChosen } = readConfig({ JEJAKEKAL_DEFAULT_HOME: "/elsewhere/" });
    assert.deepEqual({ home, isHomeChosen }, { home: "/elsewhere", isHomeChosen: false });
  });

  test("takes a loopback address and a Postgres port from the old names too", () => {
    for (const host of ["127.0.0.1", "127.8.9.10", "::1", "localhost", "::ffff:127.0.0.1"]) {
      const config = readConfig({ HOST: host, PGPORT: "6000" });
      assert.deepEqual([config.host, config.isHostLoopback, config.pgPort], [host, true, 6000]);
    }
  });

  test("refuses a HOST that other machines can reach, unless JEJAKEKAL_HOST is set", () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "x86_64-conda-linux-gnu", "::ffff:10.0.0.1"]) {
      const line = refusalOf({ HOST: host });
      assert.ok(line.includes(JSON.stringify(host)), line);
      assert.match(line, /^HOST is .* set JEJAKEKAL_HOST .*\.$/);
      assert.equal(readConfig({ HOST: host, JEJAKEKAL_HOST: "127.0.0.1" }).host, "127.0.0.1");
      assert.equal(readConfig({ JEJAKEKAL_HOST: host }).isHostLoopback, false);
    }
  });

  test("cannot be changed once it is read", () => {
    assert.ok(Object.isFrozen(readConfig({})));
  });

  test("with a webhook and nothing to sign it with is refused, and the URL is not shown", () => {
    const line = refusalOf({ JEJAKEKAL_WEBHOOK_URL: "https://example.test/hunter2" });
    assert.match(line, /JEJAKEKAL_WEBHOOK_SECRET/);
    assert.doesNotMatch(line, /hunter2|\n/);
  });
});

function refusalOf(env: Readonly<Record<string, string>>): string {
  try {
    readConfig(env);
  } catch (error) {
    assert.ok(error instanceof StartFailure);
    return error.message;
  }
  assert.fail(`${JSON.stringify(env)} was accepted`);
}
