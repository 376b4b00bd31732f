/** Prints one sha256 over the canonical artifacts of many inputs; a test runs it under each runtime and compares. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createSeededRandom } from "../testing/seeded-random.ts";
import { derive, randomSource } from "./test-kit.ts";

const corpus = new URL("../../golden/corpus/", import.meta.url);
const files = readdirSync(corpus)
  .sort()
  .map((name) => new Uint8Array(readFileSync(new URL(name, corpus))));
const random = createSeededRandom(7).next;
const texts = Array.from({ length: 120 }, () => randomSource(random, 60));
const bytes = Array.from({ length: 20 }, () =>
  Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256)),
);

const hash = createHash("sha256");
for (const source of [...files, ...texts, ...bytes]) {
  for (const mediaType of ["text/markdown", "text/plain", "text/plain; charset=shift_jis"]) {
    hash.update((await derive(source, mediaType)).shas.join());
  }
}
for (const source of [...files, ...texts.slice(0, 10), ...bytes]) {
  for (const mediaType of ["text/html", "text/csv", "message/rfc822"]) {
    hash.update((await derive(source, mediaType)).shas.join());
  }
}
console.log(hash.digest("hex"));
