import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { canonicalJsonBytes } from "../../canonical-json.ts";
import { checkProperty } from "../../testing/property.ts";
import { scanCanonical, sourceOf } from "./canonical.ts";

/** Windows of these sizes, so that the bytes of a value come in many parts and in one. */
const WINDOWS = [128, 200, 64 * 1024];

/** The same fault for windows of every size. */
function findCanonicalFault(bytes: Uint8Array) {
  const [fault = null, ...others] = WINDOWS.map((size) => scanCanonical(sourceOf(bytes), {}, size).fault);
  for (const other of others) assert.equal(other?.offset, fault?.offset);
  return fault;
}

const encode = (text: string) => new TextEncoder().encode(text);

describe("the scanner of canonical JSON", () => {
  test("accepts what the writer of canonical JSON writes, whatever the value", async () => {
    const values = fc.jsonValue({ maxDepth: 5, stringUnit: "grapheme", noUnicodeString: false });
    await checkProperty(values, { runs: 500, seed: 13 }, (value) => {
      assert.equal(findCanonicalFault(canonicalJsonBytes(value)), null);
    });
  });

  test("agrees with parsing and writing again, for every change of a byte", async () => {
    const value = {
      "": [1.5, -2, 0, 1e21],
      a: "é\u{1f600}\n\u0001\\",
      "a b": { c: null, d: [true, false, {}] },
    };
    const bytes = canonicalJsonBytes(value);
    const changes = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    await checkProperty(changes, { runs: 3_000, seed: 13 }, ({ at, byte }) => {
      const changed = Uint8Array.from(bytes);
      changed[at] = byte;
      assert.equal(
        findCanonicalFault(changed) === null,
        isCanonical(changed),
        Buffer.from(changed).toString(),
      );
    });
  });

  test("agrees with parsing and writing again, for every spelling of a number and of a word", async () => {
    const numbers = fc.string({ unit: fc.constantFrom(..."001279.-e+"), minLength: 1, maxLength: 10 });
    const words = fc.string({ unit: fc.constantFrom(..."truefalsn"), minLength: 3, maxLength: 6 });
    const spellings = fc.oneof(
      numbers,
      words,
      fc.double().map(String),
      fc.constantFrom("true", "nulll", "-0"),
    );
    await checkProperty(spellings, { runs: 3_000, seed: 13 }, (spelling) => {
      const bytes = encode(`${spelling}\n`);
      assert.equal(findCanonicalFault(bytes) === null, isCanonical(bytes), spelling);
    });
  });

  test("tells where members are, and the elements of arrays that have one of the ids", () => {
    const filler = "x".repeat(300);
    const list = [{ a: { id: "y" }, id: "x", z: filler }, [{ id: "x" }], filler, { id: "y" }, { id: "z" }];
    const bytes = canonicalJsonBytes({ a: { b: [{ id: "x" }] }, list, z: [] });
    for (const size of WINDOWS) {
      const { members } = scanCanonical(sourceOf(bytes), { ids: new Set(["x", "z"]) }, size);
      const valueAt = ({ start, end }: { start: number; end: number }) =>
        JSON.parse(Buffer.from(bytes.subarray(start, end)).toString());
      assert.deepEqual([...members.keys()], ["a", "list", "z"]);
      assert.deepEqual([...members.values()].map(valueAt), [{ b: [{ id: "x" }] }, list, []]);
      const found = members.get("list")?.found ?? [];
      assert.deepEqual(
        found.map(({ id, index }) => [id, index]),
        [
          ["x", 0],
          ["z", 4],
        ],
      );
      assert.deepEqual(found.map(valueAt), [list[0], list[4]]);
      assert.deepEqual([members.get("a")?.found, members.get("z")?.found], [[], []]);
    }
  });

  test("tells where the citations of a memo are, and the elements of a list of citations", () => {
    const citations = [{ cite: 1, quote: "é" }, "x".repeat(300), { quote: "b" }];
    const items = citations.map((cite, index) => ({ a: { cite: 0 }, cite, index }));
    const memo = canonicalJsonBytes({
      other: { cite: 2 },
      outline: items,
      review: [[{ cite: 3 }], "no citation"],
    });
    const list = canonicalJsonBytes(citations);
    for (const size of WINDOWS) {
      const valueIn =
        (bytes: Uint8Array) =>
        ({ start, end }: { start: number; end: number }) =>
          JSON.parse(Buffer.from(bytes.subarray(start, end)).toString());
      const { members } = scanCanonical(sourceOf(memo), { citations: true }, size);
      assert.deepEqual(
        members.get("outline")?.citing.map(({ cite }) => cite && valueIn(memo)(cite)),
        citations,
      );
      assert.deepEqual(members.get("outline")?.citing.map(valueIn(memo)), items);
      assert.deepEqual([members.get("other")?.citing, members.get("review")?.citing], [[], []]);
      const { elements } = scanCanonical(sourceOf(list), { citations: true }, size);
      assert.deepEqual(elements.map(valueIn(list)), citations);
    }
  });

  test("counts the UTF-16 units before each place in a long string", async () => {
    const texts = fc.array(fc.constantFrom("plain text ", "\n", "\u0001", "é", "漢", "\u{1f600}"), {
      maxLength: 400,
    });
    await checkProperty(texts, { runs: 100, seed: 13 }, (parts) => {
      const text = parts.join("");
      const bytes = Buffer.from(canonicalJsonBytes({ text }));
      const { fault, members } = scanCanonical(sourceOf(bytes), {}, 128);
      assert.equal(fault, null);
      const { end = 0, marks = [] } = members.get("text") ?? {};
      assert.ok(marks.length > bytes.length / 128 / 2, `${marks.length} marks`);
      for (const { at, unit } of marks) {
        assert.equal(JSON.parse(`"${bytes.toString("utf8", at, end)}`), text.slice(unit));
      }
    });
  });

  test("compares keys that are far apart, and refuses one that is longer than a window", () => {
    const far = (first: string, second: string) =>
      encode(`{"${first}":"${"x".repeat(500)}","${second}":1}\n`);
    assert.equal(findCanonicalFault(far("a", "b")), null);
    assert.equal(findCanonicalFault(far("é", "漢")), null);
    for (const [first, second] of [
      ["b", "a"],
      ["a", "a"],
      ["漢", "é"],
      ["ab", "a"],
    ] as const) {
      assert.match(findCanonicalFault(far(first, second))?.reason ?? "", /does not come after/);
    }
    const long = encode(`{"${"k".repeat(300)}":1}\n`);
    assert.match(scanCanonical(sourceOf(long), {}, 128).fault?.reason ?? "", /key is too long/);
  });

  const wrong: Readonly<Record<string, string>> = {
    "a key twice": '{"a":1,"a":2}\n',
    "keys out of order": '{"b":1,"a":2}\n',
    "a key before the one that it begins": '{"ab":1,"a":2}\n',
    "keys in the order of their bytes and not of their UTF-16 units": '{"\ufb33":1,"\u{1f600}":2}\n',
    "white space": '{"a": 1}\n',
    "no newline": '{"a":1}',
    "two newlines": '{"a":1}\n\n',
    "a comma too many": "[1,]\n",
    "another spelling of a number": "[1.0]\n",
    "a minus zero": "[-0]\n",
    "a leading zero": "[01]\n",
    "a number that is too long": "[12345678901234567890]\n",
    "an escape that is not needed": '"\\u0061"\n',
    "an escape in capitals": '"\\u001F"\n',
    "an escaped slash": '"\\/"\n',
    "a lone surrogate": '"\\ud800"\n',
    "a byte order mark": "\ufeff{}\n",
    "no value": "\n",
  };

  for (const [what, text] of Object.entries(wrong)) {
    test(`refuses ${what}`, () => {
      assert.notEqual(findCanonicalFault(encode(text)), null);
    });
  }

  test("refuses bytes that are no UTF-8, and values that are nested without end", () => {
    for (const bytes of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82], [0x80]]) {
      assert.notEqual(findCanonicalFault(Uint8Array.from([0x22, ...bytes, 0x22, 0x0a])), null, String(bytes));
    }
    assert.match(findCanonicalFault(encode("[".repeat(100_000)))?.reason ?? "", /nested too deeply/);
  });
});

function isCanonical(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return Buffer.from(canonicalJsonBytes(JSON.parse(text))).equals(Buffer.from(bytes));
  } catch {
    return false;
  }
}
