import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonicalJson, canonicalJsonBytes } from "./canonical-json.ts";

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

  it("ends the stored bytes with exactly one newline and encodes UTF-8", () => {
    assert.deepEqual([...canonicalJsonBytes("é")], [0x22, 0xc3, 0xa9, 0x22, 0x0a]);
  });

  it("refuses what JSON cannot carry faithfully", () => {
    for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, "\ud800"])
      assert.throws(() => canonicalJson(value));
  });

  it("re-canonicalises to itself", () => {
    const once = canonicalJson({ z: ["\u2028", "\n", 0.30000000000000004], a: {} });
    assert.equal(canonicalJson(JSON.parse(once)), once);
  });
});
