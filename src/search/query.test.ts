import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { processorMsOf } from "../testing/processor-time.ts";
import { parseSearchQuery } from "./query.ts";

const queryOf = (text: string, given = {}) => {
  const parsed = parseSearchQuery(text, given);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.query;
};
const faultOf = (text: string, given = {}) => {
  const parsed = parseSearchQuery(text, given);
  assert.ok(!parsed.ok, JSON.stringify(parsed));
  return parsed.fault;
};

describe("a search query", () => {
  test("has words, phrases, exclusions and prefixes", () => {
    const { words, phrases, excluded } = queryOf('Café "net Amount" -draft -"not final" invoic* net');
    assert.deepEqual(
      words.map(({ term, isPrefix }) => `${term}${isPrefix ? "*" : ""}`),
      ["cafe", "invoic*", "net"],
    );
    assert.deepEqual(phrases, [["net", "amount"]]);
    assert.deepEqual(excluded, [["draft"], ["not", "final"]]);
  });

  test("knows where its words stand", () => {
    const text = "  Überzahl (INV-2023) pay*";
    const places = queryOf(text).words.map(({ start, end }) => text.slice(start, end));
    assert.deepEqual(places, ["Überzahl", "INV", "2023", "pay*"]);
  });

  test("reads filters in the text and beside it", () => {
    const { words, filters } = queryOf("net type:md page:3-5 has:doubt", {
      status: "done",
      after: "2026-01-31",
      before: "2026-02-01T00:00:00Z",
      run: "run-1",
    });
    assert.deepEqual(words.length, 1);
    assert.deepEqual(filters, {
      type: "text/markdown",
      page: [3, 5],
      has: "doubt",
      status: "done",
      after: Date.UTC(2026, 0, 31),
      before: Date.UTC(2026, 1, 1),
      run: "run-1",
    });
  });

  test("takes sentences as they are: other colons, lone hyphens and signs are no syntax", () => {
    const { words, filters } = queryOf("Note: is 0-dimensional - well -- known? http://x.y, type 2");
    assert.deepEqual(
      words.map(({ term }) => term),
      ["note", "is", "0", "dimensional", "well", "known", "http", "x", "y", "type", "2"],
    );
    assert.deepEqual(filters, {});
  });

  test("takes one letter of a script without blanks as a prefix, and more as pairs", () => {
    assert.deepEqual(
      queryOf("東 東京都 あ").words.map(({ term, isPrefix }) => `${term}${isPrefix ? "*" : ""}`),
      ["東*", "東京", "京都", "あ*"],
    );
  });

  test("that cannot be read says what is wrong and where", () => {
    assert.deepEqual(faultOf(""), { field: "q", at: 0, reason: "has no word to search for" });
    assert.deepEqual(faultOf(" ?! "), { field: "q", at: 0, reason: "has no word to search for" });
    assert.deepEqual(faultOf("-draft"), { field: "q", at: 0, reason: "only excludes" });
    assert.deepEqual(faultOf('net "amount'), {
      field: "q",
      at: 4,
      reason: "has a quotation mark that is not closed",
    });
    assert.equal(faultOf("net page:0").at, 4);
    assert.equal(faultOf("net type:pdfx").at, 4);
    assert.equal(faultOf("net -type:pdf").at, 5);
    assert.equal(faultOf("page:1 page:2").at, 7);
    assert.equal(faultOf("page:1", { page: "1" }).at, 0);
    assert.deepEqual(faultOf("net", { after: "yesterday" }), {
      field: "after",
      at: 0,
      reason: "takes a date such as 2026-01-31",
    });
    assert.equal(
      faultOf(Array.from({ length: 65 }, (_, nth) => `w${nth}`).join(" ")).reason,
      "has more than 64 words",
    );
  });

  test("of hostile length is read in linear time", async () => {
    for (const text of ['"'.repeat(2_001), "-".repeat(2_000), "a:".repeat(1_000), `${"- ".repeat(900)}a`])
      assert.ok((await processorMsOf(() => parseSearchQuery(text))) < 500);
  });
});
