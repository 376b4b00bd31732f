import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawPage } from "./page-picture.ts";
import type { Matrix } from "./page-text.ts";

/** Two pixels over two: black, dark, light, white. */
const PIXELS = { width: 2, height: 2, grey: Uint8Array.of(0, 80, 160, 255) };

/** One inch square. */
const PAGE = { w: 7200, h: 7200 };

/** The grey values in the middle of the four quarters of a page. */
function quartersOf(matrix: Matrix, alpha?: Uint8Array): number[] {
  const { width, height, grey } = drawPage([{ ...PIXELS, matrix, ...(alpha && { alpha }) }], PAGE);
  const at = (x: number, y: number) => grey[Math.floor(y * height) * width + Math.floor(x * width)] ?? -1;
  return [at(0.1, 0.1), at(0.9, 0.1), at(0.1, 0.9), at(0.9, 0.9)];
}

describe("the picture of a page", () => {
  it("has its pictures where their matrix says: upright, turned and mirrored", () => {
    assert.deepEqual(quartersOf([7200, 0, 0, -7200, 0, 7200]), [0, 80, 160, 255]);
    assert.deepEqual(quartersOf([-7200, 0, 0, -7200, 7200, 7200]), [80, 0, 255, 160]);
    assert.deepEqual(quartersOf([0, 7200, 7200, 0, 0, 0]), [160, 0, 255, 80]);
  });

  it("shows the paper beside a picture and below what is transparent", () => {
    assert.deepEqual(quartersOf([3600, 0, 0, -3600, 3600, 3600]), [255, 80, 255, 255]);
    const alpha = Uint8Array.of(0, 255, 255, 255);
    assert.deepEqual(quartersOf([7200, 0, 0, -7200, 0, 7200], alpha), [255, 80, 160, 255]);
  });

  it("has the resolution of the finest picture, doubled where it is low, and no more than the engine has memory for", () => {
    const square = (pixels: number, side: number) => {
      const grey = new Uint8Array(pixels * pixels);
      const matrix: Matrix = [7200, 0, 0, -7200, 0, 7200];
      return drawPage([{ width: pixels, height: pixels, grey, matrix }], { w: side, h: side }).dpi;
    };
    assert.equal(square(200, 7200), 200);
    assert.equal(square(100, 7200), 200);
    assert.equal(square(600, 7200), 300);
    assert.ok(square(100, 7_200_000) <= 4);
  });

  it("draws fine pictures as the mean of their pixels", () => {
    const fine = { width: 600, height: 600, grey: new Uint8Array(360_000).map((_, at) => (at & 1) * 200) };
    const { grey } = drawPage([{ ...fine, matrix: [7200, 0, 0, -7200, 0, 7200] }], PAGE);
    assert.equal(grey[150 * 300 + 150], 100);
  });
});
