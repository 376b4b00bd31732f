import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertInvariants, citationsOf, derive } from "../test-kit.ts";
import { findFigures } from "./figures.ts";

const HARBOUR_LOG = new Uint8Array(
  readFileSync(new URL("../../../golden/corpus/harbour-log.md", import.meta.url)),
);

function figures(text: string): string[] {
  return Array.from(findFigures(text), ({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);
}

describe("memo", () => {
  it("sums up the harbour log with citations only", async () => {
    const { memo, docir } = await assertInvariants(HARBOUR_LOG);
    assert.equal(memo.title?.text, "Inspection of the Tide Gate at Port Merrow");
    assert.ok(memo.keySentences.length >= 5 && memo.keySentences.length <= 7);
    assert.ok(memo.keySentences.some(({ text }) => text.includes("failed to close")));
    assert.deepEqual(
      memo.review.map(({ cite }) => cite.text.split(" ").slice(0, 3).join(" ")),
      ["The inner gauge", "The claim of"],
    );
    assert.ok(memo.figures.some(({ kind, text }) => kind === "money" && text === "€184,500"));
    assert.equal(
      memo.outline.length,
      docir.blocks.filter(({ type }) => type === "title" || type === "heading").length,
    );
  });

  it("gives the raw bytes of a quote wherever it claims to know them", async () => {
    const { memo } = await derive(HARBOUR_LOG);
    const known = citationsOf(memo).filter(({ srcBytes }) => srcBytes !== undefined);
    assert.ok(known.length > 20);
    for (const { srcBytes = [0, 0], quote } of known)
      assert.equal(new TextDecoder().decode(HARBOUR_LOG.subarray(...srcBytes)), quote);
  });

  it("takes its title from the first heading or sentence where there is no title", async () => {
    assert.equal((await derive("text\n\n## Head")).memo.title?.text, "Head");
    assert.equal((await derive("One here. Two there.")).memo.title?.text, "One here.");
    assert.equal((await derive("")).memo.title, null);
  });

  it("cites no doubtful block and no repeated chunk as key", async () => {
    const line = "The pump in the north station has been running without a break since Monday morning.";
    const { memo } = await assertInvariants(
      `# A\n\n${line}\n\n# A\n\n${line}\n\n# B\n\nA sentence that nobody trusts but has a lot of words in it. [low]`,
    );
    assert.deepEqual(
      memo.keySentences.map(({ text }) => text),
      [line],
    );
  });

  it("tells dates, money and numbers apart, none inside another", () => {
    assert.deepEqual(
      figures(
        "On 2025-03-14 and 3 March 2025 it cost €1,200.50, $3 million or 40 EUR; 12.5 % of 1,000,000, 47 minutes.",
      ),
      [
        "date 2025-03-14",
        "date 3 March 2025",
        "money €1,200.50",
        "money $3 million",
        "money 40 EUR",
        "number 12.5 %",
        "number 1,000,000",
        "number 47 minutes",
      ],
    );
    assert.deepEqual(figures("v1.2.3 at 10:45, a5, 7, [^12]"), []);
  });

  it("finds no figure in a part of a number, and none in the number of a part", () => {
    const whole: Record<string, string[]> = {
      "1 200 kg": ["number 1 200 kg"],
      "1\u202f200\u202f500,5 t": ["number 1\u202f200\u202f500,5 t"],
      "1'234'567 and 1.234.567,89 and 1,20,000": [
        "number 1'234'567",
        "number 1.234.567,89",
        "number 1,20,000",
      ],
      "03.04.2025 and 03/04/2025": ["date 03.04.2025", "date 03/04/2025"],
      "2024-01-02T03:04:05Z": ["date 2024-01-02T03:04:05Z"],
      "2024-01-02 03:04:05.123+07:00": ["date 2024-01-02 03:04:05.123+07:00"],
      "2 h 10 min, 2h10m": ["number 2 h 10 min", "number 2h10m"],
      "10–20 kg, 10-20 kg, €5–10 million": ["number 10–20 kg", "number 10-20 kg", "money €5–10 million"],
      "3–5 May 2024, May 3rd, 2024": ["date 3–5 May 2024", "date May 3rd, 2024"],
      "in 2024 412 ships": ["number 2024", "number 412"],
      "Rp1.200.000, Rp 3 juta, 17 Agustus 2024": [
        "money Rp1.200.000",
        "money Rp 3 juta",
        "date 17 Agustus 2024",
      ],
    };
    for (const [text, expected] of Object.entries(whole)) assert.deepEqual(figures(text), expected, text);
    for (const text of [
      "10.0.0.1 and 192.168.100.200:8080/24",
      "24.13.1, 1.2.24, 007, 00123, 24/7, 12th, 5G, 0x1F, 1e5x",
      "+62 21 555 1234, 0812-3456-7890, (021) 555-1234, 555-1234",
      "4111 1111 1111 1111, 3f2504e0-4f89-11d3-9a0c, 978-3-16-148410-0",
      "Section 3.2, chapters 12 and 13, § 4.1, Fig. 12, page 412, No. 512, RFC 2046, #412",
      "3.2 Overview\n12. twelve\n4.12) four",
      "https://a.b/2024/01/02?x=412, 5:30 pm, 10.45 Uhr",
      "第3章、第12条、図3.12",
    ])
      assert.deepEqual(figures(text), [], text);
  });

  it("passes over the number of a section in its heading alone", () => {
    const inHeading = (text: string) =>
      Array.from(findFigures(text, { isHeading: true }), ({ start }) => start);
    assert.deepEqual(inHeading("3.12 Overview of 412 ships"), [17]);
    assert.deepEqual(inHeading("12 Scope"), []);
    assert.deepEqual(inHeading("2024 in review"), [0]);
  });

  it("finds figures in texts without blanks between words", () => {
    assert.deepEqual(figures("港口在2025年3月14日有412艘船，增长12.5%，花费1,200元或3.5亿元。"), [
      "date 2025年3月14日",
      "number 412艘",
      "number 12.5%",
      "money 1,200元",
      "money 3.5亿元",
    ]);
    assert.deepEqual(figures("令和7年3月14日に1億2000万円、12万人。二〇二五年三月"), [
      "date 令和7年3月14日",
      "money 1億2000万円",
      "number 12万人",
      "date 二〇二五年三月",
    ]);
    assert.deepEqual(figures("จำนวน 412 ลำ ราคา 500 บาท วันที่ 14 มีนาคม 2568 ร้อยละ 12.5"), [
      "number 412 ลำ",
      "money 500 บาท",
      "date 14 มีนาคม 2568",
      "number 12.5",
    ]);
  });

  it("has words, key sentences and figures in Chinese, Japanese and Thai", async () => {
    const texts = {
      Chinese: `# 港口报告\n\n${"港口管理局在五月登记了四百多艘船只的进出情况，比去年增加百分之十二。潮水闸门因为海草堵塞没有按时关闭。检查人员更换了三台水泵并记录了潮位数据。".repeat(1)}管理局计划在明年春季之前修复整个潮水闸门系统。港口报告将在每个月的第一天发布给所有船只公司。`,
      Japanese:
        "# 港湾報告\n\n港湾管理局は五月に四百十二隻の船舶の入港を記録し、昨年より一割以上増加した。潮位計は三月の嵐で故障したため、検査員が新しい装置に交換した。水門の修理は来年の春までに完了する予定であると管理局は発表した。報告書は毎月一日にすべての船会社へ送付される。",
      Thai: "# รายงานท่าเรือ\n\nท่าเรือบันทึกจำนวนเรือสินค้าที่เข้าเทียบท่าทั้งหมด 412 ลำในเดือนพฤษภาคมซึ่งเพิ่มขึ้นจากปีที่แล้ว ประตูกั้นน้ำไม่สามารถปิดได้ตามเวลาเพราะมีสาหร่ายอุดตันในช่องทางน้ำ เจ้าหน้าที่เปลี่ยนเครื่องสูบน้ำสามเครื่องและบันทึกระดับน้ำทุกชั่วโมง การซ่อมแซมประตูกั้นน้ำจะเสร็จสิ้นก่อนฤดูใบไม้ผลิปีหน้า",
    };
    for (const [language, source] of Object.entries(texts)) {
      const { memo, docir } = await assertInvariants(source);
      assert.ok(memo.keySentences.length >= 1, language);
      const longest = Math.max(...memo.keySentences.map(({ text }) => text.length));
      assert.ok(longest < docir.text.length / 2, `${language}: a key sentence is not the whole text`);
      const segments = [...new Intl.Segmenter("und", { granularity: "word" }).segment(docir.text)];
      const words = segments.filter(({ isWordLike }) => isWordLike).length;
      assert.ok(
        memo.stats.words > words / 2 && memo.stats.words < words * 2,
        `${language}: ${memo.stats.words}, ${words}`,
      );
    }
  });

  it("refuses a chunk index of another document", async () => {
    const { buildMemo } = await import("../index.ts");
    const [a, b] = [await derive("one"), await derive("two")];
    assert.throws(
      () =>
        buildMemo({
          docir: a.docir,
          docirSha: a.shas[0],
          chunkIndex: b.chunkIndex,
          chunkIndexSha: b.shas[1],
        }),
      /another document/,
    );
  });

  it("takes its title from front matter before a lower heading, and from a title before both", async () => {
    const frontMatter = '---\ntitle: "Tides"\n---\n\n';
    assert.equal((await assertInvariants(`${frontMatter}## Head\n\ntext`)).memo.title?.text, "Tides");
    assert.equal((await assertInvariants(`${frontMatter}# Top\n\ntext`)).memo.title?.text, "Top");
  });

  it("takes the title of front matter as YAML and TOML write it", async () => {
    const cases: Record<string, string> = {
      "title: Tides # of May": "Tides",
      "title: 'The harbour''s log'": "The harbour's log",
      "title: 'It''s here' # it's not": "It's here",
      'title: "A \\"b\\" \\u00e9\\x21 \\ud83d\\ude00\\tc" # "d"': 'A "b" é! 😀 c',
      'title: "Tides: a log" # x': "Tides: a log",
      "title: >-\n  The long\n  name\nlang: en": "The long name",
      "title: !!str &name Tides": "Tides",
    };
    for (const [line, title] of Object.entries(cases))
      assert.equal(
        (await assertInvariants(`---\n${line}\n---\n\n## Head\n\ntext`)).memo.title?.text,
        title,
        line,
      );
    for (const line of [
      'title: ""',
      "title: |\nlang: en",
      "title: null",
      "title: []",
      "title: ---",
      "title:",
    ])
      assert.equal((await assertInvariants(`---\n${line}\n---\n\n## Head`)).memo.title?.text, "Head", line);
    assert.equal((await assertInvariants('+++\ntitle = "Tides"\n+++\n\n## Head')).memo.title?.text, "Tides");
  });

  it("has no title that is empty or markup", async () => {
    const titles: Record<string, string> = {
      "# ***\n\n## Head\n\ntext": "Head",
      "# ![](a.png)\n\nFirst words. More.": "First words.",
      "# Tides {#tides .wide}\n\ntext": "Tides",
      "> [!NOTE]\n> The gate is shut. It stays so.": "The gate is shut.",
      "- [ ] Close the gate": "Close the gate",
      "[TOC]\n\nThe gate is shut.": "The gate is shut.",
      "::: warning\nThe gate is shut.\n:::": "The gate is shut.",
      "| Name | Tons |\n|-|-|\n| Anna | 12 |": "Name Tons",
      "<!-- a note -->\n\n<div align=center>\n\nThe gate": "The gate",
    };
    for (const [source, title] of Object.entries(titles))
      assert.equal((await assertInvariants(source)).memo.title?.text, title, source);
    assert.equal((await assertInvariants("Log\n=====\nfirst line", "text/plain")).memo.title?.text, "Log");
    assert.equal((await assertInvariants("# Log\ntext", "text/plain")).memo.title?.text, "Log text");
    assert.equal((await assertInvariants("***\n\n---\n\n\\*")).memo.title, null);
  });

  it("reads an alert without its marker, and cites no sentence that two chunks share", async () => {
    const note = "The keeper has to look at all of the pumps in the north station every morning.";
    const alert = await assertInvariants(`> [!WARNING]\n> ${note}`);
    assert.deepEqual(
      alert.memo.keySentences.map(({ text }) => text),
      [note],
    );
    const { memo } = await assertInvariants(
      `# ${"heading ".repeat(450)}\n\nThe keeper ${"looks at all the pumps and ".repeat(8)}goes home. ${note}`,
    );
    for (const { text } of memo.keySentences) assert.match(text, /^The keeper .*\.$/);
  });

  it("takes no line that only leads to a list for a key sentence, and cites a long sentence whole", async () => {
    const long = `The harbour ${"considerably ".repeat(45)}deteriorated.`;
    const { memo } = await assertInvariants(
      `# A\n\nAll the parts that the keeper has to look at every morning are these:\n\n- one\n\n${long}`,
    );
    assert.deepEqual(
      memo.keySentences.map(({ text }) => text),
      [long],
    );
  });
});
