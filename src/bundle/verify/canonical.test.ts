import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { canonicalJsonBytes } from "../../canonical-json.ts";
import { checkProperty } from "../../testing/property.ts";
import { scanCanonical } from "./canonical.ts";

const findCanonicalFault = (bytes: Uint8Array) => scanCanonical(bytes).fault;
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

  test("tells where the members of an object are, and the elements of those that are arrays", () => {
    const bytes = canonicalJsonBytes({ a: { b: [1] }, list: [{ id: "x" }, [2], "é"], z: [] });
    const { members } = scanCanonical(bytes);
    const textAt = (start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString();
    assert.deepEqual(
      [...members].map(([key, { start, end }]) => [key, textAt(start, end)]),
      [
        ["a", '{"b":[1]}'],
        ["list", '[{"id":"x"},[2],"é"]'],
        ["z", "[]"],
      ],
    );
    const starts = members.get("list")?.elementStarts ?? [];
    assert.deepEqual(
      starts.map((start) => textAt(start, start + 1)),
      ["{", "[", '"'],
    );
    assert.deepEqual([members.get("a")?.elementStarts, members.get("z")?.elementStarts], [[], []]);
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
