import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request as requestTls } from "node:https";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findFreePort } from "../free-port.ts";
import { pollUntil } from "../poll.ts";
import { runCommand, startChild } from "../testing/child.ts";
import { cloneDatabase } from "../testing/database.ts";
import { testEnvironment } from "../testing/environment.ts";
import { postJson } from "../testing/http.ts";
import { REPOSITORY, temporaryFolder } from "../testing/paths.ts";
import { startProgram } from "../testing/program.ts";
import { slow } from "../testing/service.ts";

const NAME = "runs.example.org";
const LARGE_BYTES = 20 * 1024 ** 2;

type Answer = Readonly<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>;

/** The recipe of docs/access.md, with other ports and with a certificate that is made here. */
describe("the program behind nginx, as docs/access.md sets it up", () => {
  const undo = new AsyncDisposableStack();
  let port = 0;
  let certificate = "";
  let token = "";

  before(async () => {
    const folder = undo.use(temporaryFolder()).path;
    const database = undo.use(await cloneDatabase());
    const env = { JEJAKEKAL_PUBLIC_URL: `https://${NAME}`, JEJAKEKAL_TRUSTED_PROXIES: "127.0.0.1" };
    const program = undo.use(await startProgram({ database, env }));
    port = await findFreePort();
    certificate = await makeCertificate(folder);
    const config = join(folder, "nginx.conf");
    writeFileSync(config, configOf(folder, port, Number(new URL(program.url).port)));
    undo.use(
      startChild(["nginx", "-p", folder, "-e", "stderr", "-c", config], {
        PATH: `${testEnvironment.inherited.PATH}:/usr/sbin`,
      }),
    );
    await pollUntil("nginx forwards", async () => (await ask("/livez")).status === 200, {
      timeoutMs: 30_000,
    });
    const made = await postJson(`${program.url}/tokens`, { name: "ada", scope: "admin" });
    assert.equal(made.status, 201, made.text);
    token = JSON.parse(made.text).token;
  }, slow);
  after(() => undo.disposeAsync(), slow);

  /** Sends a request over TLS and checks the certificate of the proxy. */
  const ask = (
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: Buffer | string | null = null,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port,
        path,
        ca: certificate,
        servername: NAME,
        agent: false as const,
      };
      const method = body === null ? "GET" : "POST";
      const call = requestTls({ ...options, method, headers: { host: NAME, ...headers } }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.once("error", reject);
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString("utf8"),
          }),
        );
      });
      call.once("error", reject);
      call.end(body ?? undefined);
    });

  const signIn = (headers: Readonly<Record<string, string>>, secret = token) =>
    ask(
      "/ui/sign-in",
      { accept: "text/html", "content-type": "application/x-www-form-urlencoded", ...headers },
      new URLSearchParams({ token: secret, next: "/runs" }).toString(),
    );

  test("signs a browser in with a cookie that it sends over TLS alone", slow, async () => {
    const answer = await signIn({ origin: `https://${NAME}` });
    assert.equal(answer.status, 303, answer.text);
    const [cookie = ""] = [answer.headers["set-cookie"]].flat().map(String);
    assert.match(
      cookie,
      /^__Host-jejakekal_session=[\w-]{43}; Path=\/; .*HttpOnly; SameSite=Strict; Secure$/,
    );
    const session = { cookie: cookie.slice(0, cookie.indexOf(";")) };
    assert.deepEqual(JSON.parse((await ask("/session", session)).text), { token: "ada", scope: "admin" });
    assert.equal((await ask("/runs", { ...session, accept: "text/html" })).status, 200);
    const forged = await ask("/runs/x/cancel", { ...session, origin: "https://evil.example" }, "{}");
    assert.equal(JSON.parse(forged.text).error, "cross_site_request");
  });

  test("takes a large document", slow, async () => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "text/plain" };
    const answer = await ask(
      "/runs?sleepMs=600000&workflowId=large",
      headers,
      Buffer.alloc(LARGE_BYTES, "word "),
    );
    assert.equal(answer.status, 202, answer.text);
    await pollUntil("its bytes are stored", async () => {
      const raw = await ask("/artifacts/large:raw", headers);
      return raw.status === 200 && JSON.parse(raw.text).meta.bytes === LARGE_BYTES;
    });
  });

  test("refuses a name that is not its own", slow, async () => {
    const answer = await ask("/runs", { host: "evil.example", authorization: `Bearer ${token}` });
    assert.equal(answer.status, 421, answer.text);
    assert.equal(JSON.parse(answer.text).error, "misdirected_request");
  });

  test("slows guesses by the address that nginx saw, whatever the client says of itself", slow, async () => {
    const statuses: number[] = [];
    for (let serial = 1; serial <= 12; serial += 1) {
      const answer = await ask("/runs", {
        authorization: "Bearer guess",
        "x-forwarded-for": `203.0.113.${serial}`,
      });
      statuses.push(answer.status);
    }
    assert.equal(statuses[0], 401);
    assert.equal(statuses.at(-1), 429);
    assert.equal((await ask("/runs", { authorization: `Bearer ${token}` })).status, 200);
  });
});

/** The server of the recipe within what a whole configuration needs, in one process and with all its files in `folder`. */
function configOf(folder: string, port: number, programPort: number): string {
  const document = readFileSync(join(REPOSITORY, "docs", "access.md"), "utf8");
  const [, recipe = ""] = /```nginx\n([\s\S]+?)```/.exec(document) ?? [];
  const replaced = [
    ["listen 443 ssl", `listen 127.0.0.1:${port} ssl`],
    ["/etc/ssl/runs.example.org.pem", `${folder}/certificate.pem`],
    ["/etc/ssl/private/runs.example.org.key", `${folder}/key.pem`],
    ["http://127.0.0.1:4110", `http://127.0.0.1:${programPort}`],
  ] as const;
  const server = replaced.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `the recipe has ${from}`);
    return text.replace(from, to);
  }, recipe);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => {
    mkdirSync(join(folder, name));
    return `${name}_temp_path ${folder}/${name};`;
  });
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
events {}
http { access_log off; ${paths.join(" ")}
${server}
}
`;
}

/** Makes a certificate for `NAME` and its key in `folder`; returns the certificate. */
async function makeCertificate(folder: string): Promise<string> {
  const path = join(folder, "certificate.pem");
  const key = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    join(folder, "key.pem"),
  ];
  const subject = ["-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME}`, "-days", "2"];
  const { code, stderr } = await runCommand(["openssl", "req", "-x509", ...key, ...subject, "-out", path]);
  assert.equal(code, 0, stderr);
  return readFileSync(path, "utf8");
}
