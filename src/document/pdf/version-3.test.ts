/** What version 3 of the recipe reads otherwise than version 2, on documents of the kinds that other programs make. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { composeAccents } from "./accents.ts";
import { isContentsEntry } from "./contents.ts";
import { line, text } from "./test-pdf.ts";
import { lines, type Outline, readBoth } from "./test-versions.ts";

const PROSE = Array.from(
  { length: 24 },
  (_, index) => `the ferry of ${index + 10} o'clock waits for the mail in port`,
);

describe("version 3 of the PDF recipe", () => {
  test("reads a column on its own although a figure with many words is in the other one", async () => {
    const labels = Array.from({ length: 24 }, (_, index) =>
      text(340 + ((index * 7) % 5) * 40, 700 - ((index * 5) % 12) * 8, `s${index}`, "F1", 5),
    );
    const { now, before } = await readBoth(
      "2",
      lines(60, 700, PROSE) + labels.join("") + lines(330, 580, PROSE.slice(0, 12)),
    );
    const left = PROSE.join(" ");
    assert.ok(now.some(([type, words]) => type === "paragraph" && words === left));
    assert.ok(!before.some(([, words]) => words === left));
  });

  test("takes no entry of the contents for a heading, an item or code, and joins it with no other", async () => {
    const dots = " . . . . . . . . . . . . ";
    const entries = [`1. Tides${dots}3`, `2. Winds${dots}7, 12`, `Index${dots}xiv`];
    const { now, before } = await readBoth(
      "2",
      lines(72, 700, entries, "F2") +
        text(72, 640, `buoy.list${dots}9`, "F3") +
        lines(72, 600, PROSE.slice(0, 6)),
    );
    assert.deepEqual(
      now.slice(0, 4),
      [...entries, `buoy.list${dots}9`].map((entry) => ["paragraph", entry]),
    );
    assert.ok(before.some(([type]) => type === "list_item"));
    assert.ok(before.some(([type]) => type === "code"));
    assert.ok(isContentsEntry("Harbours............. 12"));
    assert.ok(!isContentsEntry("[4,] . . . . . . 1"), "a row of a matrix is none");
    assert.ok(!isContentsEntry("and so on . . ."));
    // Without end if each dot could begin the leader.
    assert.ok(!isContentsEntry(`Harbours ${".".repeat(1_000_000)}: 12`));
  });

  test("takes the initials of names for no letters of a list", async () => {
    const names = ["J. Bakker and A. Smit, Tides", "K. Visser, Winds of the north", "L. de Boer, Harbours"];
    const letters = ["A. lower the sails", "B. start the engine", "C. call the harbour"];
    const { now, before } = await readBoth("2", lines(72, 700, names) + lines(72, 600, letters));
    const itemsOf = (outline: Outline) => outline.filter(([type]) => type === "list_item").length;
    assert.deepEqual([itemsOf(now), itemsOf(before)], [3, 6]);
  });

  test("reads a dash at the start of a line as a part of its sentence", async () => {
    const sentence = [
      "The harbour of the island is small, and the ferry - which comes twice a day",
      "- in summer three times - has to wait there for the tide before it can leave",
      "- as have all others.",
    ];
    const items = ["- ropes", "- sails", "- lamps"];
    const { now, before } = await readBoth("2", lines(72, 700, sentence) + lines(72, 600, items));
    assert.deepEqual(
      now.map(([type]) => type),
      ["paragraph", "list_item", "list_item", "list_item"],
    );
    assert.equal(now[0]?.[1], sentence.join(" "));
    assert.equal(before.filter(([type]) => type === "list_item").length, 5);
  });

  test("reads names in a fixed width at the end of a paragraph with it, and code on its own", async () => {
    const end = text(72, 688, "read.tide and read.wind.", "F3");
    const { now, before } = await readBoth(
      "2",
      text(90, 700, "The tables of the harbour office can be read by two functions, which are") +
        end +
        lines(72, 640, ["The functions are called as follows:"]) +
        text(84, 616, "tide = read.tide(1)", "F3"),
    );
    assert.deepEqual(
      now.map(([type]) => type),
      ["paragraph", "paragraph", "code"],
    );
    assert.ok(now[0]?.[1].endsWith("which are read.tide and read.wind."));
    assert.equal(before.filter(([type]) => type === "code").length, 2);
  });

  test("reads the lines of a listing with small numbers as code", async () => {
    const listing = ["if (tide) {", "}"].map(
      (words, index) =>
        text(72, 700 - index * 12, String(index + 1), "F1", 6) + text(84, 700 - index * 12, words, "F3"),
    );
    const { now, before } = await readBoth("2", listing.join("") + lines(72, 640, ["The ferry waits."]));
    assert.deepEqual(now, [
      ["code", "1 if (tide) {\n2 }"],
      ["paragraph", "The ferry waits."],
    ]);
    assert.notDeepEqual(before, now);
  });

  test("takes the growing slide of a presentation for no header", async () => {
    const points = ["The ferry is late today", "It waits for the tide", "The mail comes by boat"];
    points.push("Nobody minds", "It is summer", "The harbour is full", "The wind is low");
    const pages = [5, 6, 7].map((count) => lines(72, 700, points.slice(0, count)));
    const { now, before } = await readBoth("2", ...pages);
    assert.deepEqual(
      now.filter(([type]) => type === "page_header"),
      [],
    );
    assert.ok(before.some(([type]) => type === "page_header"));
  });

  test("knows a footnote whose number is drawn together with its text", async () => {
    const { now, before } = await readBoth(
      "2",
      lines(72, 700, PROSE) +
        line(72, 130, 200, 130) +
        text(80, 116, "1The tables of the office are of last year.", "F1", 8),
    );
    const note: [string, string] = ["footnote", "1The tables of the office are of last year."];
    assert.deepEqual(now.at(-1), note);
    assert.equal(before.at(-1)?.[0], "paragraph");
  });

  test("writes an accent and its letter as one character", async () => {
    const { now } = await readBoth("2", text(72, 700, "Sch¨opf lives in M¨unchen."));
    assert.deepEqual(now, [["paragraph", "Schöpf lives in München."]]);
    const cases = [
      ["na¨ıve Olˇs´ak, voil`a, Fran¸cois", "naïve Olšák, voilà, François"],
      ["it´s what d´Alembert said", "it´s what d´Alembert said"],
      ["`quoted' and ˜/.profile, 5¨ 7", "`quoted' and ˜/.profile, 5¨ 7"],
      ["Copyright c© 2009", "Copyright © 2009"],
    ] as const;
    for (const [source, expected] of cases) assert.equal(composeAccents(source), expected);
  });
});
