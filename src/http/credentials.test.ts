import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { credentialHeaders, readCredentials, sessionCookie } from "./credentials.ts";

const SESSION = "s".repeat(43);
const read = (headers: Record<string, string>) => readCredentials(new Headers(headers));

describe("the credentials of a request", () => {
  test("are a bearer token, a session cookie, or none", () => {
    assert.deepEqual(read({ authorization: "bearer  abc" }), { bearer: "abc", session: null });
    assert.deepEqual(read({ authorization: "Basic abc" }), { bearer: null, session: null });
    assert.deepEqual(read({ cookie: `a=b; jejakekal_session=${SESSION}; c=d` }), {
      bearer: null,
      session: SESSION,
    });
    for (const cookie of ["jejakekal_session=short", `xjejakekal_session=${SESSION}`, "jejakekal_session"]) {
      assert.equal(read({ cookie }).session, null, cookie);
    }
  });

  test("are the cookie of this host alone where a subdomain could have set another one", () => {
    const other = "o".repeat(43);
    const cookie = `jejakekal_session=${other}; __Host-jejakekal_session=${SESSION}`;
    assert.equal(read({ cookie }).session, SESSION);
    assert.match(sessionCookie(SESSION, 0, true), /^__Host-jejakekal_session=s+; Path=\/; .*; Secure$/);
  });

  test("are all that a page passes on of the headers of its request", () => {
    const headers = new Headers({ cookie: "a=b", authorization: "Bearer x", accept: "text/html", host: "h" });
    assert.deepEqual(credentialHeaders(headers), { cookie: "a=b", authorization: "Bearer x" });
  });
});
