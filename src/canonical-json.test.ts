import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalJson, canonicalJsonBytes } from "./canonical-json.ts";
import { checkProperty } from "./testing/property.ts";

describe("canonical JSON", () => {
  it("sorts keys by UTF-16 units, at every depth, and leaves no blanks", () => {
    assert.equal(
      canonicalJson({ b: 1, a: { d: [3, { z: 0, y: null }], c: "x" } }),
      '{"a":{"c":"x","d":[3,{"y":null,"z":0}]},"b":1}',
    );
    assert.equal(canonicalJson({ "\u{1f600}": 1, "\ufb33": 2 }), '{"\u{1f600}":1,"\ufb33":2}');
  });

  it("spells numbers as RFC 8785 does", () => {
    assert.equal(canonicalJson([1.0, -0, 1e21, 1e-7, 0.1, 4.5]), "[1,0,1e+21,1e-7,0.1,4.5]");
  });

  it("leaves out undefined keys and is unmoved by the order in which keys were set", () => {
    assert.equal(canonicalJson({ a: undefined, c: 1, b: 2 }), canonicalJson({ b: 2, c: 1 }));
  });

  it("leaves out nothing else: an undefined element is null, and a date is its text", () => {
    assert.equal(canonicalJson([undefined, {}, [], new Date(0)]), '[null,{},[],"1970-01-01T00:00:00.000Z"]');
  });

  it("ends the stored bytes with exactly one newline and encodes UTF-8", () => {
    assert.deepEqual([...canonicalJsonBytes("é")], [0x22, 0xc3, 0xa9, 0x22, 0x0a]);
  });

  it("refuses what JSON cannot carry faithfully", () => {
    for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, "\ud800"])
      assert.throws(() => canonicalJson(value));
  });

  it("refuses functions and what holds itself, and writes what stands in two places twice", () => {
    assert.throws(() => canonicalJson({ a: () => 1 }), TypeError);
    const loop: { inner: unknown[] } = { inner: [] };
    loop.inner.push(loop);
    assert.throws(() => canonicalJson(loop));
    const shared = { a: 1 };
    assert.equal(canonicalJson([shared, shared]), '[{"a":1},{"a":1}]');
  });

  it("refuses collections and bytes, which have no keys of their own", () => {
    for (const value of [new Map([["a", 1]]), new Set([1]), new Uint8Array(1), Buffer.of(1)])
      assert.throws(() => canonicalJson({ value }), TypeError);
  });

  it("writes a key __proto__ as any other", () => {
    assert.equal(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}')), '{"__proto__":{"a":2},"b":1}');
  });

  it("writes any value with its keys in order, however long it is", async () => {
    await checkProperty(fc.jsonValue({ maxDepth: 4 }), { runs: 50, seed: 51 }, async (value) => {
      const expected = referenceJson(value);
      assert.equal(canonicalJson(value), expected);
      const many = Array.from({ length: Math.ceil(70_000 / expected.length) }, () => [value]);
      const text = `[${many.map(() => `[${expected}]`).join(",")}]\n`;
      assert.equal(new TextDecoder().decode(canonicalJsonBytes(many)), text);
    });
  });

  it("sorts many keys as it sorts few", () => {
    const names = Array.from({ length: 40 }, (_, index) => `k${(index * 7) % 40}`);
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    assert.equal(
      text,
      `{${[...names]
        .sort()
        .map((name) => `"${name}":0`)
        .join(",")}}`,
    );
  });

  it("re-canonicalises to itself", () => {
    const once = canonicalJson({ z: ["\u2028", "\n", 0.30000000000000004], a: {} });
    assert.equal(canonicalJson(JSON.parse(once)), once);
  });
});

/** Written for its shortness. */
function referenceJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(referenceJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${referenceJson(inner)}`).join(",")}}`;
}
