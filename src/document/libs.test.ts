import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { LIBS } from "./libs.ts";

describe("pinned library versions", () => {
  for (const [name, version] of Object.entries(LIBS)) {
    it(`records the installed version of ${name}`, () => {
      const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
      assert.equal(JSON.parse(readFileSync(manifest, "utf8")).version, version);
    });
  }
});
