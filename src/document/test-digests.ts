/** Prints one sha256 over the canonical artifacts of many inputs; a test runs it under each runtime and compares. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { mediaTypeOf } from "./media-type.ts";
import { derive, randomSource } from "./test-kit.ts";

const corpus = new URL("../../golden/corpus/", import.meta.url);
const random = createSeededRandom(7).next;
const texts = Array.from({ length: 60 }, () => randomSource(random, 60));
const bytes = Array.from({ length: 20 }, () =>
  Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256)),
);

const hash = createHash("sha256");
for (const filename of readdirSync(corpus).sort()) {
  const source = readFileSync(new URL(filename, corpus));
  hash.update((await derive(source, mediaTypeOf({ filename }))).shas.join());
}
for (const source of [...texts, ...bytes]) {
  for (const mediaType of ["text/markdown", "text/plain; charset=shift_jis"]) {
    hash.update((await derive(source, mediaType)).shas.join());
  }
}
for (const source of [...texts.slice(0, 10), ...bytes]) {
  for (const mediaType of ["text/html", "text/csv", "message/rfc822"]) {
    hash.update((await derive(source, mediaType)).shas.join());
  }
}
console.log(hash.digest("hex"));
