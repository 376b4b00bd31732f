/** Documents of any size for which parsers of Markdown, sentences or tables are known to be slow, by kind. */

type Make = (units: number) => string;

/** The same text again and again. */
const rows =
  (text: string): Make =>
  (units) =>
    text.repeat(Math.ceil(units / text.length));

/** As many lines as fit, each made from its number. */
const numbered =
  (line: (index: number) => string): Make =>
  (units) => {
    const lines: string[] = [];
    for (let length = 0; length < units; length += (lines.at(-1)?.length ?? 0) + 1)
      lines.push(line(lines.length));
    return lines.join("\n");
  };

/** First one half, then the other. */
const halves =
  (first: string, second: string): Make =>
  (units) =>
    rows(first)(units / 2) + rows(second)(units / 2);

const after =
  (head: string, make: Make, tail = ""): Make =>
  (units) =>
    head + make(units) + tail;

/** Lines of growing length, the square root of the units of them. */
const triangle =
  (text: string, end = "\n"): Make =>
  (units) =>
    Array.from({ length: Math.ceil(Math.sqrt((2 * units) / text.length)) }, (_, index) =>
      text.repeat(index),
    ).join(end);

export const PATHOLOGICAL: Readonly<Record<string, Make>> = {
  prose: rows(
    "Some *plain* words to [fill](x) the page with `code`, and 12.5 % of it in a second sentence.\n\n",
  ),
  "prose in one line": rows("The quick brown fox jumps over the lazy dog. "),
  "prose in one paragraph": rows("The quick *brown* fox jumps over\nthe `lazy` dog, 412 times. "),
  "one word": rows("a"),
  digits: rows("1"),
  blanks: after("a", rows(" "), "b"),
  tabs: after("a", rows("\t"), "b"),
  newlines: after("a", rows("\n"), "b"),
  "carriage returns": rows("a\r"),
  NUL: rows("a\0"),
  "combining marks": after("e", rows("\u0301")),
  "emoji families": rows("👩‍👩‍👧‍👦"),
  "regional indicators": rows("🇮🇩"),
  "private use": rows("\ue000"),
  "Chinese without an end": rows("潮汐表"),
  "Chinese sentences": rows("港口在五月有412艘船。潮水很高！"),
  "Japanese sentences": rows("港には412隻の船がありました。カタカナ"),
  "Thai without blanks": rows("ท่าเรือมีเรือ"),
  "Thai with blanks": rows("ท่าเรือมีเรือ 412 ลำ "),
  "Arabic sentences": rows("كيف حالك؟ بخير. "),
  "open brackets": rows("["),
  "closed brackets": rows("]"),
  "nested brackets": halves("[", "]"),
  "nested brackets with text": halves("[a", "](b)"),
  "bracket pairs": rows("[]"),
  "brackets and quotes": rows('["'),
  "open images": rows("!["),
  "nested images": halves("![", "](a)"),
  "open links": rows("[a]("),
  "links with open targets": rows("[a](<b"),
  "links with open titles": rows("[a](b '"),
  "links with open titles in quotes": rows('[a](b "'),
  "links with open titles in parentheses": rows("[a](b ("),
  "nested parentheses in targets": after("[a](", rows("(")),
  "escaped brackets": rows("\\[\\]"),
  "references without definitions": rows("[a][b]"),
  "references with definitions": after("[a]: /x\n\n", rows("[a] ")),
  "references of growing length": triangle("[a"),
  definitions: numbered((index) => `[a${index}]: /url 'title'`),
  "definitions with open titles": rows("[a]: b '\n"),
  "definitions of one label": rows("[a]: b\n"),
  "definitions without targets": rows("[a]:\n"),
  "footnote calls": after("[^a]: x\n\n", rows("[^a]")),
  "footnote definitions": numbered((index) => `[^${index}]: text`),
  "nested footnotes": rows("[^1]: "),
  "open footnote calls": rows("[^"),
  asterisks: rows("*"),
  "asterisks and letters": rows("*a"),
  "asterisks and letters closed": rows("a*"),
  "strong openers": rows("**a "),
  "mixed emphasis": rows("*a _b"),
  "mixed emphasis closed": halves("*a **b ", "c* d** "),
  "emphasis of three": rows("***a** b*"),
  underscores: rows("_a"),
  "underscores in words": rows("a_b_c "),
  tildes: rows("~~a"),
  "tildes of one": rows("~a~b"),
  backticks: rows("`"),
  "backticks of growing length": triangle("`", " a "),
  "open code": rows("`a "),
  "code of two lengths": rows("` `` "),
  dollars: rows("$a "),
  "double dollars": rows("$$a\n"),
  backslashes: rows("\\"),
  "hard breaks": rows("a\\\n"),
  "hard breaks by blanks": rows("a  \n"),
  entities: rows("&amp;"),
  "numeric entities": rows("&#10;"),
  "hexadecimal entities": rows("&#x41;"),
  "unknown entities": rows("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
  ampersands: rows("&"),
  "less-than signs": rows("<"),
  "open tags": rows("<a "),
  "open tags with attributes": rows("<a b='"),
  "inline tags": rows("a<b>"),
  "nested tags": halves("<b>", "</b>"),
  "open comments": rows("a <!-- "),
  "comments in a block": rows("<!-- a -->\n"),
  "open comment blocks": rows("<!-- a\n"),
  "open declarations": rows("a <!A "),
  "open instructions": rows("a <? "),
  "open CDATA": rows("a <![CDATA[ "),
  "blocks of HTML": rows("<div>\n"),
  "blocks of HTML with text": rows("<div>a</div>\n\n"),
  "table of HTML": after("<table>\n", rows("<tr><td>a</td><td>b &amp; c</td></tr>\n"), "</table>"),
  "one line of HTML": after("<div>", rows("<p>a<br>b</p>")),
  "images of HTML": after("<div>", rows('<img alt="a" src=b>')),
  "open script": after("<script>\n", rows("if (a < b) { c } \n")),
  autolinks: rows("<http://a.b/c>"),
  "open autolinks": rows("<http://a"),
  "literal links": rows("http://a.b/c "),
  "literal links without blanks": rows("www.a.b"),
  "e-mail addresses": rows("a.b-c@d.e "),
  "at signs": rows("a@"),
  quotes: rows("> a\n"),
  "nested quotes": after("", rows(">"), " a"),
  "nested quotes on lines": triangle(">"),
  "lazy lines after quotes": after(`${">".repeat(90)} a\n`, rows("b\n")),
  "quotes and lazy lines": rows("> a\nb\n"),
  "quotes with lists": rows("> - a\n> 1. b\n"),
  bullets: rows("- a\n"),
  "bullets without text": rows("-\n"),
  "nested bullets on a line": after("", rows("- "), "a"),
  "lists nested by indent": triangle("  ", "- a\n"),
  "loose lists": rows("- a\n\n"),
  "lists of changing markers": rows("- a\n* b\n+ c\n"),
  "numbered lists": numbered((index) => `${index % 1_000_000}. a`),
  "lists with lazy lines": rows("- a\nb\n"),
  "task lists": rows("- [ ] a\n"),
  "lists with code": rows("-     a\n"),
  headings: rows("# a\n"),
  "headings of all levels": numbered((index) => `${"#".repeat(1 + (index % 6))} a${index}`),
  "headings with open brackets": rows("# [a\n"),
  "closed headings": rows("# a ###\n"),
  "underlined headings": rows("a\n=\n"),
  "lines before an underline": after("", rows("a\n"), "==="),
  rules: rows("---\n"),
  "rules of blanks": rows("* * *\n"),
  "almost rules": rows("* * a\n"),
  "fenced code": rows("```\na\n```\n"),
  "open fence": after("```\n", rows("let x = 1;\n")),
  "fences of growing length": triangle("`", "\na\n"),
  "indented code": rows("    a\n"),
  "indented code with blank lines": rows("    a\n\n"),
  "wide table": (units) => {
    const columns = Math.ceil(units / 12);
    return `${"|a".repeat(columns)}|\n${"|-".repeat(columns)}|\n${"|1".repeat(columns)}|\n`;
  },
  "long table": after("|a|b|\n|-|-|\n", rows("|1|2|\n")),
  "sparse table": (units) => {
    const columns = Math.ceil(Math.sqrt(units));
    return `${"|a".repeat(columns)}|\n${"|-".repeat(columns)}|\n${rows("|1|\n")(units / 2)}`;
  },
  "tables without end": rows("|a\n|-\n"),
  "almost tables": rows("|a|b\n"),
  "pipes in a line": rows("|"),
  "delimiter rows": rows("|-|-|\n"),
  "tables with marks": after("|a|b|\n|-|-|\n", rows("|*a|`b|\n")),
  "tables with open links": after("|a|\n|-|\n", rows("|[a](b|\n")),
  "front matter without end": after("---\n", rows("a: b\n")),
  "front matter with blanks": after("---\na", rows(" "), "\n---\n"),
  "front matter with quotes": after('---\n"', rows("\\a"), "\n---\n"),
  "front matter of keys": after("---\n", rows("key: value # note\n"), "---\n"),
  "front matter of hashes": after("---\na", rows(" #"), "\n---\n"),
  "TOML keys": after("+++\n", rows("a."), "\n+++\n"),
  "low markers": rows("[low]"),
  "lines with low markers": rows("x [low]\n"),
  "full stops": rows(". A"),
  ellipses: rows("..."),
  "question marks": rows("? "),
  abbreviations: rows("e.g. Mr. A. B. "),
  "closing quotes": rows('."'),
  "numbers with blanks": rows("1 200 "),
  "numbers with points": rows("1.200."),
  dates: rows("2024-01-02T03:04:05Z "),
  amounts: rows("USD 1,200.50 million "),
  durations: rows("2 h 10 min "),
  hyphens: rows("a-"),
  apostrophes: rows("'"),
};
