/** What version 4 of the recipe reads otherwise than version 3, on documents of the kinds that browsers print. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertInvariants } from "../test-kit.ts";
import { buildPdf, line, text } from "./test-pdf.ts";
import { lines, MEDIA_TYPE, readBoth } from "./test-versions.ts";

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
    const { now, before } = await readBoth("3", heading + lines(72, 700, PROSE));
    assert.deepEqual(now[0], ["heading", "2. Tides"]);
    assert.notEqual(before[0]?.[1], "2. Tides");
  });

  test("measures headings by the text around listings, not by their smaller type", async () => {
    const listing = Array.from(
      { length: 30 },
      (_, index) => `write(${index}, "the level of the lock in metres");`,
    );
    const { now, before } = await readBoth(
      "3",
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
    const { now, before } = await readBoth("3", heading + lines(72, 720, PROSE) + code);
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
    const { now, before } = await readBoth("3", lines(72, 700, PROSE) + indented);
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
    const { now, before } = await readBoth("3", lines(72, 740, PROSE.slice(0, 3)) + listing.join("") + side);
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
    const { now, before } = await readBoth("3", lines(72, 700, PROSE) + page.join(""));
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
    const { now, before } = await readBoth("3", lines(72, 760, PROSE.slice(0, 3)) + grid + cells.join(""));
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
    const { now, before } = await readBoth(
      "3",
      lines(72, 760, PROSE.slice(0, 3)) + grid + head + cells.join(""),
    );
    assert.equal(now.at(-1)?.[1], `Ferry\tTime\n${wide.join(" ")}\t${times.join(" ")}`);
    assert.deepEqual(now, before);
  });

  test("joins what is drawn around a displayed formula to one block", async () => {
    const formula =
      text(200, 590, "E = ") +
      text(230, 597, "a + b") +
      text(235, 583, "2 c") +
      text(280, 590, ", c > 0.     (1)");
    const { now, before } = await readBoth("3", lines(72, 700, PROSE) + formula + lines(72, 550, PROSE));
    assert.deepEqual(
      now.map(([type]) => type),
      ["paragraph", "formula", "paragraph"],
    );
    assert.ok(before.every(([type]) => type !== "formula"));
    assert.ok(before.length > 3);
  });

  /** A grid of rules around two rows, of which the lower one has these columns of lines. */
  async function rowOf(columns: readonly (readonly string[])[]): Promise<string> {
    const places = [...columns.map((_, c) => 72 + 120 * c), 72 + 120 * columns.length];
    const right = places.at(-1) ?? 0;
    const grid =
      [650, 626, 570].map((y) => line(72, y, right, y)).join("") +
      places.map((x) => line(x, 650, x, 570)).join("");
    const head = columns.map((_, c) => text(76 + 120 * c, 635, `Name ${"ABC".charAt(c)}`)).join("");
    const body = columns.map((texts, c) => lines(76 + 120 * c, 612, texts)).join("");
    const { now } = await readBoth("3", lines(72, 760, PROSE.slice(0, 3)) + grid + head + body);
    return now.at(-1)?.[1].split("\n").slice(1).join("\n") ?? "";
  }

  test("splits no row of addresses, in which the lines of two cells only stand beside each other", async () => {
    const address = ["Berta", "Bay", "North"];
    const cargo = ["Fuel and ice", "Mail", "Crane"];
    assert.equal(await rowOf([address, cargo]), "Berta Bay North\tFuel and ice Mail Crane");
    const numbers = ["Quay 5", "1234 AB", "030 12"];
    assert.equal(await rowOf([address, numbers]), "Berta Bay North\tQuay 5 1234 AB 030 12");
    const long = ["Sloop Berta", "Old Bay", "North"];
    assert.equal(
      await rowOf([long, cargo, address]),
      "Sloop Berta Old Bay North\tFuel and ice Mail Crane\tBerta Bay North",
    );
  });

  test("splits rows where a column of values or the names of three columns show them", async () => {
    const cargo = ["Fuel and ice", "Mail", "Crane"];
    const rows = (first: readonly string[]) => first.map((name, r) => `${name}\t${cargo[r]}`).join("\n");
    for (const values of [
      ["10", "1,100.50", "-2"],
      ["5 %", "7 %", "8.5 %"],
      ["G2, G3", "M62 - M65", "F"],
    ])
      assert.equal(await rowOf([values, cargo]), rows(values));
    const names = ["Berta", "Bay", "North"];
    assert.equal(
      await rowOf([names, cargo, names]),
      names.map((name, r) => `${name}\t${cargo[r]}\t${name}`).join("\n"),
    );
  });

  test("takes key figures, arrows between names and short words for no formulas, also next to one", async () => {
    const plain = ["Net = 1,075.21", "VAT = 205.29", "A \\256 B", "x = 5", "to do", "Net + VAT = 1,280.50"];
    const drawn = plain.map((words, index) =>
      words.includes("256")
        ? text(72, 560 - 24 * index, "A ") + symbol(84, 560 - 24 * index) + text(98, 560 - 24 * index, "B")
        : text(72, 560 - 24 * index, words),
    );
    const formula = text(72, 584, "E = a + b");
    const page = lines(72, 760, PROSE) + formula + drawn.join("");
    const font = "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>";
    const { docir } = await assertInvariants(buildPdf({ pages: [page], fonts: { F4: font } }), MEDIA_TYPE);
    const found = docir.blocks.map(({ type, span }) => [type, docir.text.slice(...span)]);
    assert.deepEqual(
      found.filter(([type]) => type === "formula"),
      [["formula", "E = a + b"]],
    );
    const words = found.map(([, one]) => one).join("\n");
    for (const one of plain) assert.ok(words.includes(one.replace("\\256", "→")), words);
  });
});

/** An arrow to the right. */
function symbol(x: number, y: number): string {
  return `BT /F4 10 Tf 1 0 0 1 ${x} ${y} Tm (\\256) Tj ET\n`;
}
