import { canonicalJson } from "../canonical-json.ts";
import type { BundleEntry } from "./layout.ts";

/** The base64 of so many bytes needs no padding, so parts of this length can be joined. */
const BASE64_UNIT = 3;

/**
 * A bundle as one canonical JSON object, in parts: the files by name. JSON files are their values, other text files strings. The
 * document itself can be anything, so it is `{"data": …, "encoding": "base64"}`.
 * @param entries in the order of their names, which is that of the keys
 */
export async function* jsonFormOf(entries: readonly BundleEntry[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const [index, entry] of entries.entries()) {
    yield encoder.encode(`${index === 0 ? "{" : ","}${canonicalJson(entry.path)}:`);
    if (entry.path.endsWith(".json")) yield* withoutNewline(entry.read());
    else if (entry.path.startsWith("data/")) yield* base64Of(entry.read(), encoder);
    else yield encoder.encode(canonicalJson(await textOf(entry)));
  }
  yield encoder.encode("}\n");
}

/** Everything but the last byte, which is the newline at the end of canonical JSON. */
async function* withoutNewline(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | null = null;
  for await (const part of parts) {
    if (last !== null) yield last;
    last = part;
  }
  if (last !== null) yield last.subarray(0, -1);
}

async function* base64Of(parts: AsyncIterable<Uint8Array>, encoder: TextEncoder): AsyncGenerator<Uint8Array> {
  yield encoder.encode('{"data":"');
  let rest = Buffer.alloc(0);
  for await (const part of parts) {
    const bytes = Buffer.concat([rest, part]);
    const whole = bytes.length - (bytes.length % BASE64_UNIT);
    yield encoder.encode(bytes.subarray(0, whole).toString("base64"));
    rest = bytes.subarray(whole);
  }
  yield encoder.encode(`${rest.toString("base64")}","encoding":"base64"}`);
}

async function textOf({ read }: BundleEntry): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of read()) parts.push(part);
  return new TextDecoder().decode(Buffer.concat(parts));
}
