import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { RunFailure } from "../../failure.ts";
import { checkProperty } from "../../testing/property.ts";
import { scanXml, type XmlHandler } from "./xml-scanner.ts";

type Event = readonly unknown[];

/** What the scanner tells about a text that comes in slices; null for one that it refuses. */
function scan(xml: string, sliceUnits = xml.length): Event[] | null {
  const events: Event[] = [];
  const handler: XmlHandler = {
    open: (name, attributes, start) => events.push(["open", name, { ...attributes }, start]),
    close: (end) => events.push(["close", end]),
    text: (text) => events.push(["text", text]),
  };
  try {
    scanXml(slicesOf(xml, Math.max(1, sliceUnits)), handler);
    return joinTexts(events);
  } catch (error) {
    assert.ok(error instanceof RunFailure && error.code === "FAILED_CORRUPT", String(error));
    return null;
  }
}

function* slicesOf(text: string, units: number): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.codePointAt(at + units - 1) === undefined ? text.length : at + units;
    const isInPair = /[\udc00-\udfff]/.test(text.charAt(end));
    yield text.slice(at, end + (isInPair ? 1 : 0));
    at = end + (isInPair ? 1 : 0);
  }
}

/** What saxes 6 tells, by which version 1 of the recipes was made. */
function scanBySaxes(xml: string): Event[] | null {
  const events: Event[] = [];
  const parser = new SaxesParser({ xmlns: false, position: false });
  let start = 0;
  parser.on("doctype", () => {
    throw new Error("a document type");
  });
  parser.on("opentagstart", ({ name }) => {
    start = parser.position - name.length - 2;
  });
  parser.on("opentag", ({ name, attributes }) => events.push(["open", name, { ...attributes }, start]));
  parser.on("closetag", () => events.push(["close", parser.position]));
  parser.on("text", (text) => events.push(["text", text]));
  parser.on("cdata", (text) => events.push(["text", text]));
  try {
    parser.write(xml).close();
    return joinTexts(events);
  } catch {
    return null;
  }
}

/** Without texts outside the root, which readers do not get, and with neighbouring ones as one. */
function joinTexts(events: readonly Event[]): Event[] {
  const joined: Event[] = [];
  let depth = 0;
  for (const event of events) {
    depth += event[0] === "open" ? 1 : event[0] === "close" ? -1 : 0;
    const last = joined.at(-1);
    if (event[0] !== "text") joined.push(event);
    else if (depth > 0 && last?.[0] === "text") joined.splice(-1, 1, ["text", `${last[1]}${event[1]}`]);
    else if (depth > 0 && event[1] !== "") joined.push(event);
  }
  return joined;
}

const PIECES = [
  ..."<>&;/='\"!?-[]: \n\r\t\u00a0\ufffe\u0001é漢".split(""),
  ..."a b xml <a </a> <a/> <b:c </b:c> <__proto__ &amp; &lt; &#10; &#xD; &#x1F600; &#0; &nbsp; ]]> <![CDATA[ <!-- --> <?xml ?> <?p".split(
    " ",
  ),
  ' a="1"',
  " b:c='2 > 1'",
  ' a="&quot;\n"',
  ' constructor="x"',
  "\r\n",
  "😀",
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
  "<!DOCTYPE a>",
];

const { tree: TREE } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthIdentifier: "tree" },
    fc.constantFrom(
      "text",
      " ",
      "\r\n",
      "&amp;&#65;",
      "]]",
      "é漢😀",
      "<!-- - -->",
      "<?p q?>",
      "<![CDATA[<&]]>",
    ),
    fc
      .tuple(
        fc.constantFrom("a", "b:c", "é", "__proto__"),
        fc.subarray(
          [' x="1"', "\n y = '\t<\r\n'", ' xmlns:q="&lt;"', ' toString=""'].map((text) =>
            text.replace("<", ""),
          ),
        ),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.boolean(),
      )
      .map(([name, attributes, children, isSpaced]) => {
        const open = `<${name}${attributes.join("")}${isSpaced ? " " : ""}`;
        return children.length === 0
          ? `${open}/>`
          : `${open}>${children.join("")}</${name}${isSpaced ? "\n" : ""}>`;
      }),
  ),
}));

describe("the XML scanner", () => {
  it("tells of well-formed XML what saxes does, wherever it is cut into slices", async () => {
    const documents = fc
      .tuple(
        fc.constantFrom("", '<?xml version="1.0"?>\r\n'),
        fc.array(TREE, { maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
      )
      .map(([head, trees, units]) => ({ xml: `${head}<root>${trees.join("")}</root>\n`, units }));
    await checkProperty(documents, { runs: 600, seed: 61 }, ({ xml, units }) => {
      const expected = scanBySaxes(xml);
      assert.notEqual(expected, null, xml);
      assert.deepEqual(scan(xml), expected);
      assert.deepEqual(scan(xml, units), expected);
    });
  });

  it("refuses what saxes refuses, and nothing else", async () => {
    const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join(""));
    const documents = fc.oneof(
      texts.map((text) => `<r>${text}</r>`),
      texts.map((text) => `<r${text}></r>`),
      texts.map((text) => `<r a="${text}"/>`),
      texts.map((text) => `${text}<r/>${text}`),
    );
    let refused = 0;
    await checkProperty(documents, { runs: 4_000, seed: 62 }, (xml) => {
      const expected = scanBySaxes(xml);
      if (expected === null) refused += 1;
      assert.deepEqual(scan(xml, 3), expected, JSON.stringify(xml));
    });
    assert.ok(refused > 1_000 && refused < 3_900, `${refused} of 4,000`);
  });

  it("reads a text and a tag that are longer than many slices in time by their length", () => {
    const long = "x".repeat(4_000_000);
    for (const xml of [
      `<a>${long}</a>`,
      `<a b="${long}"/>`,
      `<a><!--${long}--></a>`,
      `<a><![CDATA[${long}]]></a>`,
    ]) {
      const began = process.cpuUsage();
      assert.notEqual(scan(xml, 1_000), null);
      const { user, system } = process.cpuUsage(began);
      assert.ok((user + system) / 1000 < 5_000, xml.slice(0, 12));
    }
  });
});
