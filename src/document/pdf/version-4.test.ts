/** What version 4 of the recipe reads otherwise than version 3, on documents of the kinds that browsers print. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { buildDocIR } from "../index.ts";
import { readersOfRecipe } from "../readers.ts";
import { assertInvariants } from "../test-kit.ts";
import { buildPdf, line, text } from "./test-pdf.ts";

const MEDIA_TYPE = "application/pdf";

type Outline = [type: string, text: string][];

/** The types and texts of the blocks, by the newest rules and by those of version 3. */
async function readBoth(...pages: string[]): Promise<{ now: Outline; before: Outline }> {
  const bytes = buildPdf({ pages });
  const { docir } = await assertInvariants(bytes, MEDIA_TYPE);
  const readers = readersOfRecipe({ name: "jejakekal.pdf", version: "3" });
  const earlier = await buildDocIR({ bytes, mediaType: MEDIA_TYPE, readers });
  assert.deepEqual([docir.recipe.version, earlier.recipe.version], ["4", "3"]);
  const [now, before] = [docir, earlier].map((one) =>
    one.blocks.map(({ type, span }): [string, string] => [type, one.text.slice(...span)]),
  );
  return { now: now ?? [], before: before ?? [] };
}

/** Lines of text below each other, from this place on. */
function lines(x: number, y: number, texts: readonly string[], font?: string, size?: number): string {
  return texts.map((words, index) => text(x, y - index * 12, words, font, size)).join("");
}

const PROSE = Array.from(
  { length: 8 },
  (_, index) => `the ferry of ${index + 10} o'clock waits for the mail in port`,
);

describe("version 4 of the PDF recipe", () => {
  test("takes once what is drawn twice, also in other pieces, as the shadow of a text", async () => {
    const heading =
      text(72, 740, "2.", "F2", 18) +
      text(72, 740.5, "2. Tides", "F2", 18) +
      text(92.01, 740, "Tides", "F2", 18);
    const { now, before } = await readBoth(heading + lines(72, 700, PROSE));
    assert.deepEqual(now[0], ["heading", "2. Tides"]);
    assert.notEqual(before[0]?.[1], "2. Tides");
  });

  test("measures headings by the text around listings, not by their smaller type", async () => {
    const listing = Array.from(
      { length: 30 },
      (_, index) => `write(${index}, "the level of the lock in metres");`,
    );
    const { now, before } = await readBoth(
      text(72, 760, "Levels", "F2", 18) +
        lines(72, 740, PROSE.slice(0, 3), "F1", 12) +
        lines(72, 690, listing, "F3", 9) +
        text(72, 300, "It shows them.", "F1", 12),
    );
    const types = ["heading", "paragraph", "code", "paragraph"];
    assert.deepEqual(
      now.map(([type]) => type),
      types,
    );
    assert.equal(before.at(-1)?.[0], "heading");
  });

  test("takes large or bold type of a fixed width between text for a heading, and not for code", async () => {
    const heading = text(72, 760, "Package tides", "F3", 18);
    const code = lines(72, 500, ["open();", "close();", "wait();"], "F3");
    const { now, before } = await readBoth(heading + lines(72, 720, PROSE) + code);
    assert.deepEqual(now[0], ["heading", "Package tides"]);
    assert.equal(now.at(-1)?.[0], "code");
    assert.deepEqual(before[0], ["code", "Package tides"]);
  });

  test("takes bold type of a fixed width for a heading also directly above smaller code", async () => {
    const bold = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier-Bold /Encoding /WinAnsiEncoding >>";
    const page =
      lines(72, 760, PROSE) +
      text(72, 620, "Commands", "F4", 10) +
      lines(72, 600, ["open();", "close();"], "F3", 8);
    const { docir } = await assertInvariants(buildPdf({ pages: [page], fonts: { F4: bold } }), MEDIA_TYPE);
    assert.deepEqual(
      docir.blocks.map(({ type }) => type),
      ["paragraph", "heading", "code"],
    );
  });

  test("keeps the lines of code together whatever their indent, with lines of signs alone", async () => {
    const code = ["if (isHigh) {", "  open();", "}", "close();"];
    const indented =
      text(72, 600, code[0] ?? "", "F3") +
      text(90, 588, "open();", "F3") +
      text(72, 576, "}", "F3") +
      text(72, 564, "close();", "F3");
    const { now, before } = await readBoth(lines(72, 700, PROSE) + indented);
    assert.deepEqual(
      now.map(([type]) => type),
      ["paragraph", "code"],
    );
    assert.ok(before.length > 2);
  });

  test("reads text beside prompts and markers in the order in which it was written", async () => {
    const listing = Array.from({ length: 8 }, (_, index) => {
      const y = 690 - 12 * index;
      return text(72, y, ">", "F3") + text(110, y, `next(${index});`, "F3");
    });
    const side = lines(420, 740, ["Contents", "All of the tides", "All of the ports"], "F1", 9);
    const { now, before } = await readBoth(lines(72, 740, PROSE.slice(0, 3)) + listing.join("") + side);
    assert.equal(now.at(-1)?.[1], "Contents All of the tides All of the ports");
    assert.notDeepEqual(
      before.map(([, words]) => words),
      now.map(([, words]) => words),
    );
  });

  test("takes a list with Roman numbers far from its text for no table", async () => {
    const entries = ["About", "Help", "Files", "Ports"];
    const numbers = ["I.", "II.", "III.", "IV."];
    const page = entries.map((words, index) => {
      const y = 600 - 12 * index;
      return text(72, y, numbers[index] ?? "") + text(110, y, `${words} of the ferry`);
    });
    const { now, before } = await readBoth(lines(72, 700, PROSE) + page.join(""));
    assert.ok(now.every(([type]) => type !== "table"));
    assert.ok(before.some(([type]) => type === "table"));
  });

  test("splits the rows of a table that only have rules around groups of them", async () => {
    const rows = [
      ["Ferry", "Time"],
      ["Anna", "10"],
      ["Berta", "11"],
      ["Clara", "12"],
    ];
    const cells = rows.map(([name = "", time = ""], index) => {
      const y = index === 0 ? 635 : 635 - 14 - 12 * index;
      return text(76, y, name) + text(206, y, time);
    });
    const grid =
      [650, 626, 570].map((y) => line(72, y, 300, y)).join("") +
      [72, 200, 300].map((x) => line(x, 650, x, 570)).join("");
    const { now, before } = await readBoth(lines(72, 760, PROSE.slice(0, 3)) + grid + cells.join(""));
    assert.equal(now.at(-1)?.[1], rows.map((row) => row.join("\t")).join("\n"));
    assert.equal(before.at(-1)?.[1], "Ferry\tTime\nAnna Berta Clara\t10 11 12");
  });

  test("does not split a row whose cells are broken because they are narrow", async () => {
    const wide = ["the ferry of the", "early morning to", "the outer islands"];
    const times = ["leaves at ten in", "the morning from", "the smaller quay"];
    const cells = wide.map(
      (words, index) => text(76, 600 - 12 * index, words) + text(166, 600 - 12 * index, times[index] ?? ""),
    );
    const head = text(76, 635, "Ferry") + text(166, 635, "Time");
    const grid =
      [650, 626, 566].map((y) => line(72, y, 252, y)).join("") +
      [72, 162, 252].map((x) => line(x, 650, x, 566)).join("");
    const { now, before } = await readBoth(lines(72, 760, PROSE.slice(0, 3)) + grid + head + cells.join(""));
    assert.equal(now.at(-1)?.[1], `Ferry\tTime\n${wide.join(" ")}\t${times.join(" ")}`);
    assert.deepEqual(now, before);
  });

  test("joins what is drawn around a displayed formula to one block", async () => {
    const formula =
      text(200, 590, "E = ") +
      text(230, 597, "a + b") +
      text(235, 583, "2 c") +
      text(280, 590, ", c > 0.     (1)");
    const { now, before } = await readBoth(lines(72, 700, PROSE) + formula + lines(72, 550, PROSE));
    assert.deepEqual(
      now.map(([type]) => type),
      ["paragraph", "formula", "paragraph"],
    );
    assert.ok(before.every(([type]) => type !== "formula"));
    assert.ok(before.length > 3);
  });
});
