import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { startRun } from "../../client.ts";
import type { Scope } from "../../domain/access.ts";
import { pollUntil } from "../../poll.ts";
import { cloneDatabase } from "../../testing/database.ts";
import { assertFailure, type JsonObject, jsonOf, objectOf, request } from "../../testing/http.ts";
import { measureSlowness } from "../../testing/machine-speed.ts";
import { runProgram, startProgram } from "../../testing/program.ts";
import { slow, useService } from "../../testing/service.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const NAMES = { read: "reader", run: "runner", operate: "operator" } as const;
const HTML = { accept: "text/html" };

describe("tokens", () => {
  const service = useService();
  const tokens: Partial<Record<Scope, string>> = {};

  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    request(`${service.url}${path}`, { ...init, headers });
  const post = (path: string, headers: Record<string, string>, body: unknown = {}) =>
    ask(
      path,
      { ...headers, "content-type": "application/json" },
      { method: "POST", body: JSON.stringify(body) },
    );
  const tokenOf = (scope: Scope) => bearer(tokens[scope] ?? "");
  const makeToken = async (name: string, scope: Scope, headers: Record<string, string>) => {
    const reply = await post("/tokens", headers, { name, scope });
    assert.equal(reply.status, 201, reply.text);
    return String(objectOf(reply).token);
  };
  /** Signs in on the page; returns the cookie with its attributes. */
  const signIn = async (token: string, next = "/", url = service.url, headers = {}) => {
    const body = new URLSearchParams({ token, next });
    const reply = await request(`${url}/ui/sign-in`, {
      method: "POST",
      body,
      headers: { ...HTML, ...headers },
    });
    return { reply, cookie: reply.headers.get("set-cookie") ?? "" };
  };
  const nameAndValue = (cookie: string) => ({ cookie: cookie.slice(0, cookie.indexOf(";")) });

  before(async () => {
    // Until there is a token, everything is open on a loopback address.
    assert.equal((await ask("/runs")).status, 200);
    tokens.admin = await makeToken("boss", "admin", {});
    for (const scope of ["read", "run", "operate"] as const) {
      tokens[scope] = await makeToken(NAMES[scope], scope, tokenOf("admin"));
    }
    await pollUntil("a request without a token is refused", async () => (await ask("/runs")).status === 401);
  }, slow);

  test("a request without one, or with a wrong one, is a typed 401 that names the scheme", slow, async () => {
    const message = "This needs a valid token: send it as Authorization: Bearer, or sign in on the page.";
    for (const headers of [
      {},
      bearer("x"),
      bearer(`${tokens.read?.slice(0, -1)}-`),
      { authorization: "Basic eDp5" },
    ]) {
      const reply = await ask("/runs", headers);
      assertFailure(reply, 401, { error: "unauthenticated", message });
      assert.equal(reply.headers.get("www-authenticate"), 'Bearer realm="jejakekal"');
    }
    assert.equal((await ask("/healthz")).status, 200, "a monitor needs none");
  });

  test(
    "allow what their scope says and what is below it, and a 403 names the scope that is missing",
    slow,
    async () => {
      const statusOf = async (scope: Scope, path: string, body?: unknown) =>
        (await (body === undefined ? ask(path, tokenOf(scope)) : post(path, tokenOf(scope), body))).status;
      const table = [
        ["/runs", undefined, [200, 200, 200, 200]],
        ["/runs", { source: "words" }, [403, 202, 202, 202]],
        ["/runs/nobody/cancel", {}, [403, 403, 404, 404]],
        ["/runs/nobody/export", undefined, [403, 403, 404, 404]],
        ["/tokens", undefined, [403, 403, 403, 200]],
        ["/tokens/nobody/revoke", {}, [403, 403, 403, 404]],
      ] as const;
      for (const [path, body, expected] of table) {
        const scopes = ["read", "run", "operate", "admin"] as const;
        const statuses = await Promise.all(scopes.map((scope) => statusOf(scope, path, body)));
        assert.deepEqual(statuses, expected, path);
      }
      const refused = await post("/runs", tokenOf("read"), { source: "words" });
      assertFailure(refused, 403, {
        error: "forbidden",
        message: "The token does not allow this.",
        scope: "run",
      });
      assert.match(refused.headers.get("www-authenticate") ?? "", /error="insufficient_scope", scope="run"$/);
    },
  );

  test("are named by the journal, beside the name that the request gives", slow, async () => {
    const started = await post("/runs", tokenOf("run"), { source: "words", sleepMs: 60_000 });
    const { run_id } = objectOf(started);
    await post(`/runs/${run_id}/cancel`, tokenOf("operate"), { by: "Ada", reason: "to see" });
    const { events } = objectOf(await ask(`/runs/${run_id}/events`, tokenOf("read")));
    const details = (events as JsonObject[]).map(({ kind, detail }) => [kind, Object(detail)] as const);
    const detailOf = (kind: string) => details.find(([name]) => name === kind)?.[1];
    assert.equal(detailOf("accepted")?.by, "runner");
    assert.deepEqual(detailOf("cancelled"), {
      via: "api",
      by: "operator",
      on_behalf_of: "Ada",
      reason: "to see",
    });
  });

  test(
    "open a session of the pages, whose cookie no script reads and no other site causes",
    slow,
    async () => {
      const { reply, cookie } = await signIn(tokens.read ?? "", "/artifacts?q=x");
      assert.deepEqual([reply.status, reply.headers.get("location")], [303, "/artifacts?q=x"]);
      assert.match(
        cookie,
        /^jejakekal_session=[\w-]{43}; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Strict$/,
      );
      const page = await ask("/", { ...HTML, ...nameAndValue(cookie) });
      assert.equal(page.status, 200);
      assert.match(page.text, /Sign out/);
      assert.deepEqual(jsonOf(await ask("/session", nameAndValue(cookie))), {
        token: "reader",
        scope: "read",
      });
      for (const elsewhere of [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:1",
      ]) {
        assert.equal(
          (await signIn(tokens.read ?? "", elsewhere)).reply.headers.get("location"),
          "/",
          elsewhere,
        );
      }
    },
  );

  test("are asked for by a page that needs one, which is opened after the sign-in", slow, async () => {
    const page = await ask("/runs/x?step=2", HTML);
    assert.deepEqual(
      [page.status, page.headers.get("location")],
      [303, "/ui/sign-in?next=%2Fruns%2Fx%3Fstep%3D2"],
    );
    const fragment = await ask("/ui/commands", { "hx-request": "true", "hx-current-url": "http://x/runs/y" });
    assert.deepEqual(
      [fragment.status, fragment.headers.get("hx-redirect")],
      [401, "/ui/sign-in?next=%2Fruns%2Fy"],
    );
    const form = await ask("/ui/sign-in?next=/runs/x", HTML);
    assert.match(form.text, /<input type="hidden" name="next" value="\/runs\/x"/);
    const wrong = await signIn("jjk_no");
    assert.equal(wrong.reply.status, 401);
    assert.match(wrong.reply.text, /This needs a valid token/);
    assert.equal(wrong.cookie, "");
  });

  test("do not allow on a page what their scope does not", slow, async () => {
    const cookie = nameAndValue((await signIn(tokens.read ?? "")).cookie);
    const reply = await ask("/ui/runs/x/cancel", { ...HTML, ...cookie }, { method: "POST" });
    assert.equal(reply.status, 403);
    assert.match(reply.text, /The token does not allow this/);
    const crossSite = { ...HTML, ...cookie, "sec-fetch-site": "cross-site" };
    const forged = await ask("/ui/sign-out", crossSite, { method: "POST" });
    assert.equal(objectOf(forged).error, "cross_site_request");
  });

  test("a stolen cookie is worth nothing after the sign-out", slow, async () => {
    const cookie = nameAndValue((await signIn(tokens.read ?? "")).cookie);
    assert.equal((await ask("/runs", cookie)).status, 200);
    const out = await ask("/ui/sign-out", cookie, { method: "POST" });
    assert.match(out.headers.get("set-cookie") ?? "", /^jejakekal_session=; .*Expires=Thu, 01 Jan 1970/);
    assert.equal((await ask("/runs", cookie)).status, 401);
  });

  test("are stored and logged as hashes only", slow, async () => {
    const { cookie } = await signIn(tokens.read ?? "");
    const rows = await service.database.query(
      "select t::text as row from jejakekal.token t union all select s::text from jejakekal.session s",
    );
    const kept = JSON.stringify([rows, service.program.logs()]);
    const session = /=([\w-]{43});/.exec(cookie)?.[1] ?? "none";
    for (const secret of [...Object.values(tokens).map((token) => token.slice(-43)), session]) {
      assert.ok(!kept.includes(secret));
    }
  });

  test("are guessed slowly, without harm to others at the same address", slow, async () => {
    const wrong = bearer(`${tokens.run?.slice(0, -3)}xxx`);
    const limited = await pollUntil("guessing is refused", async () => {
      const reply = await ask("/runs", wrong);
      return reply.status === 429 ? reply : null;
    });
    const { error, retry_after_s } = objectOf(limited);
    assert.equal(error, "too_many_requests");
    assert.ok(Number(retry_after_s) >= 1);
    assert.equal(limited.headers.get("retry-after"), String(retry_after_s));
    assert.equal(
      (await ask("/runs", tokenOf("run"))).status,
      429,
      "the right secret is not told from a wrong one",
    );
    assert.equal((await ask("/runs", tokenOf("read"))).status, 200);
  });

  test("are revoked on every node within a second, with their sessions", slow, async () => {
    await using other = await startProgram({
      database: service.database,
      env: { JEJAKEKAL_HOST: "0.0.0.0", JEJAKEKAL_TRUSTED_PROXIES: "127.0.0.1" },
    });
    const leaving = await makeToken("leaver", "run", tokenOf("admin"));
    const { cookie } = await signIn(leaving, "/", other.url, { "x-forwarded-proto": "https" });
    assert.match(cookie, /^__Host-jejakekal_session=[\w-]{43}; Path=\/; .*; Secure$/, "behind TLS");
    const statuses = () =>
      Promise.all(
        [bearer(leaving), nameAndValue(cookie)].map(
          async (headers) => (await request(`${other.url}/runs`, { headers })).status,
        ),
      );
    assert.deepEqual(await statuses(), [200, 200]);
    assert.equal((await post("/tokens/leaver/revoke", tokenOf("admin"))).status, 200);
    const limitMs = 1_000 * measureSlowness();
    const began = performance.now();
    await pollUntil("both are refused", async () => (await statuses()).join() === "401,401");
    assert.ok(performance.now() - began < limitMs, `${performance.now() - began} ms`);
    assert.deepEqual(
      objectOf(await post("/tokens", tokenOf("admin"), { name: "leaver", scope: "read" })).error,
      "token_exists",
    );
  });

  test("restrict the command line that is given one, and name it in the journal", slow, async () => {
    // The token for runs may still be slowed by the guesses at it.
    const started = await post("/runs", tokenOf("operate"), { source: "words", sleepMs: 60_000 });
    assert.equal(started.status, 202, started.text);
    const { run_id } = objectOf(started);
    const cancel = (token: string) =>
      runProgram(["cancel", String(run_id)], { database: service.database, env: { JEJAKEKAL_TOKEN: token } });
    const refused = await cancel(tokens.read ?? "");
    assert.deepEqual([refused.code, JSON.parse(refused.stdout).error], [3, "forbidden"]);
    const accepted = await cancel(tokens.operate ?? "");
    assert.equal(accepted.code, 0, accepted.stdout + accepted.stderr);
    const { events } = objectOf(await ask(`/runs/${run_id}/events`, tokenOf("read")));
    const cancelled = (events as JsonObject[]).find(({ kind }) => kind === "cancelled");
    assert.equal(Object(cancelled?.detail).by, "operator");
  });
});

describe("a program that other machines can reach", () => {
  const exposed = { JEJAKEKAL_HOST: "0.0.0.0" };

  test("does not start without a token, and says how to make one", slow, async () => {
    await using database = await cloneDatabase();
    const refused = await runProgram(["api"], { database, env: { ...exposed, API_PORT: "0" } });
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /^jejakekal: JEJAKEKAL_HOST is 0\.0\.0\.0, .* "jejakekal token new NAME --scope admin", or set JEJAKEKAL_ANONYMOUS=1 .*\.$/,
    );
    const made = await runProgram(["token", "new", "ada", "--scope", "run"], { database });
    const { token } = JSON.parse(made.stdout);
    await using program = await startProgram({ database, env: exposed });
    assert.equal((await request(`${program.url}/runs`)).status, 401);
    assert.equal((await request(`${program.url}/runs`, { headers: bearer(token) })).status, 200);
  });

  test("starts without one where everybody may do everything", slow, async () => {
    await using database = await cloneDatabase();
    await using program = await startProgram({ database, env: { ...exposed, JEJAKEKAL_ANONYMOUS: "1" } });
    await startRun(program.url, { source: "words", sleepMs: 1 });
  });
});
