import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pictureSizeOf } from "./picture-size.ts";

/** The segment that begins a frame. */
function frame(width: number, height: number): number[] {
  return [0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3];
}

const COMMENT = [0xff, 0xfe, 0, 4, 1, 2];

function sizeOf(...parts: readonly (readonly number[])[]) {
  return pictureSizeOf(Uint8Array.from(parts.flat()));
}

describe("the size of a picture", () => {
  it("of a JPEG is that of its first frame, behind other segments and fill bytes", () => {
    assert.deepEqual(sizeOf([0xff, 0xd8], COMMENT, [0xff], frame(300, 200)), { width: 300, height: 200 });
  });

  it("of a JPEG is read as decoders do behind a marker without a segment", () => {
    // Taken for a length, the start of the frame leads to the end of the file, where there is a smaller one.
    const hidden = [...frame(60_000, 60_000), ...new Array<number>(0xffc0 - 10).fill(0), ...frame(1, 1)];
    for (const marker of [0x01, 0xd0, 0xd7]) {
      assert.deepEqual(sizeOf([0xff, 0xd8, 0xff, marker], hidden), { width: 60_000, height: 60_000 });
    }
  });

  it("is unknown where the file ends, has a scan before its frame, or is no PNG or JPEG", () => {
    assert.equal(sizeOf([0xff, 0xd8]), null);
    assert.equal(sizeOf([0xff, 0xd8, 0xff, 0xda, 0, 2], frame(1, 1)), null);
    assert.equal(sizeOf([0x42, 0x4d], frame(1, 1)), null);
    assert.equal(sizeOf([]), null);
    assert.equal(sizeOf([0x89, 0x50, 0x4e, 0x47]), null);
  });
});
