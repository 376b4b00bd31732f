import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chooseCorrections, editDistance } from "./edit-distance.ts";
import { stemOf } from "./stem.ts";
import { tokenize } from "./tokens.ts";

describe("the tokens of a text", () => {
  const termsOf = (text: string) => tokenize(text).map(({ term }) => term);

  test("are words without case and accents, parted at hyphens and apostrophes", () => {
    assert.deepEqual(termsOf("L’Été: INV-2023's Größe, ﬁne"), [..."l ete inv 2023 s große fine".split(" ")]);
  });

  test("are pairs of letters where a script has no blanks, and words of katakana", () => {
    assert.deepEqual(termsOf("東京都の会社"), ["東京", "京都", "の", "会社"]);
    assert.deepEqual(termsOf("データ 한국어"), ["データ", "한국어"]);
    assert.deepEqual(termsOf("ภาษา"), ["ภาษา"]);
  });

  test("know their places in the text", () => {
    const text = "A naïve 東京都 test’s";
    assert.deepEqual(
      tokenize(text).map(({ start, end }) => text.slice(start, end)),
      ["A", "naïve", "東京", "京都", "test", "s"],
    );
  });

  test("are cut where they are longer than an index key may be", () => {
    assert.deepEqual(
      termsOf("x".repeat(5_000)).map(({ length }) => length),
      [64],
    );
  });
});

describe("a stem", () => {
  test("is shared by the forms of a word", () => {
    for (const forms of [
      ["invoice", "invoices", "invoiced", "invoicing"],
      ["connect", "connected", "connecting", "connection", "connections"],
      ["relate", "related", "relational", "relating"],
      ["hope", "hoping", "hoped"],
      ["hop", "hopping", "hopped"],
      ["happy", "happiness"],
      ["agree", "agreed"],
      ["dokumen", "dokumennya"],
    ])
      assert.equal(new Set(forms.map(stemOf)).size, 1, `${forms} → ${forms.map(stemOf)}`);
  });

  test("keeps words apart that only look alike", () => {
    assert.notEqual(stemOf("hope"), stemOf("hop"));
    assert.notEqual(stemOf("sing"), stemOf("s"));
    assert.equal(stemOf("2023"), "2023");
    assert.equal(stemOf("große"), "große");
  });
});

describe("a correction", () => {
  test("counts letters put in, left out, replaced and exchanged", () => {
    assert.equal(editDistance("invoice", "invoice", 2), 0);
    assert.equal(editDistance("invoice", "invocie", 2), 1);
    assert.equal(editDistance("invoice", "invoce", 2), 1);
    assert.equal(editDistance("invoice", "iinvoive", 2), 2);
    assert.equal(editDistance("invoice", "amount", 2), Number.POSITIVE_INFINITY);
  });

  test("is the nearest word, of several the one in most chunks", () => {
    const candidates = ["recieved", "receiver", "received", "deceived"].map((term, nth) => ({
      term,
      chunks: nth,
    }));
    assert.deepEqual(chooseCorrections("receivd", candidates), ["received"]);
    assert.deepEqual(chooseCorrections("receivex", candidates), ["received", "receiver"]);
    assert.deepEqual(chooseCorrections("cat", [{ term: "car", chunks: 9 }]), []);
    assert.deepEqual(chooseCorrections("2023", [{ term: "2024", chunks: 9 }]), []);
  });
});
