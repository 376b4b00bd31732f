import type { GreyPicture } from "../ocr/engine.ts";
import type { Matrix } from "./page-text.ts";

/** A picture on a page: its pixels, and the matrix that leads from the unit square to the page in hundredths of a point. */
export type PlacedPicture = Readonly<{
  width: number;
  height: number;
  /** One byte for each pixel, from the top: 0 is black. */
  grey: Uint8Array;
  /** One byte for each pixel, 0 where what is below shows; without it the picture covers its place. */
  alpha?: Uint8Array;
  matrix: Matrix;
}>;

const UNITS_PER_INCH = 7200;

/** More than this helps the engine no further. */
const MAX_DPI = 300;

/** Below this, letters are enlarged for the engine, which was trained on larger ones. */
const MIN_DPI = 150;

/** The engine takes some twenty bytes for each pixel. */
const MAX_PIXELS = 16_000_000;

/** So many pixels of a picture in a row make one pixel of the page, at most. */
const MAX_SAMPLES = 8;

/** A pixel of the page that is smaller than this part of one of the picture lies between others. */
const ENLARGED = 0.75;

/** Draws the pictures of a page onto white paper, in the resolution of the finest of them. */
export function drawPage(
  pictures: readonly PlacedPicture[],
  page: Readonly<{ w: number; h: number }>,
): GreyPicture {
  const dpi = resolutionOf(pictures, page);
  const width = Math.max(1, Math.floor((page.w * dpi) / UNITS_PER_INCH));
  const height = Math.max(1, Math.floor((page.h * dpi) / UNITS_PER_INCH));
  const grey = new Uint8Array(width * height).fill(255);
  for (const picture of pictures) drawPicture({ width, height, dpi, grey }, picture);
  return { width, height, dpi, grey };
}

function resolutionOf(
  pictures: readonly PlacedPicture[],
  { w, h }: Readonly<{ w: number; h: number }>,
): number {
  const densities = pictures.map(({ width, height, matrix: [a, b, c, d] }) => {
    const across = (width * UNITS_PER_INCH) / Math.max(1, Math.sqrt(a * a + b * b));
    const down = (height * UNITS_PER_INCH) / Math.max(1, Math.sqrt(c * c + d * d));
    return Math.min(across, down);
  });
  const finest = Math.round(Math.max(72, ...densities));
  const wanted = finest < MIN_DPI ? finest * 2 : Math.min(finest, MAX_DPI);
  const most = Math.floor(Math.sqrt(MAX_PIXELS / Math.max(1, w * h)) * UNITS_PER_INCH);
  return Math.max(1, Math.min(wanted, most));
}

/** Each pixel of the page takes the mean of the pixels of the picture that it covers, or one between its nearest four. */
function drawPicture(page: GreyPicture, picture: PlacedPicture): void {
  const inverse = invert(picture.matrix);
  if (inverse === null) return;
  const unit = UNITS_PER_INCH / page.dpi;
  const { width, height } = picture;
  // From pixels of the page to pixels of the picture, whose rows begin at the top.
  const a = inverse[0] * width * unit;
  const b = -inverse[1] * height * unit;
  const c = inverse[2] * width * unit;
  const d = -inverse[3] * height * unit;
  const e = inverse[4] * width;
  const f = (1 - inverse[5]) * height;
  const step = Math.max(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
  const samples = Math.min(MAX_SAMPLES, Math.max(1, Math.round(step)));
  const isEnlarged = step < ENLARGED;
  const whole = 255 * samples * samples;
  const [left, top, right, bottom] = placeOf(picture.matrix, page);
  for (let row = top; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1) {
      let sum = 0;
      let weight = 0;
      for (let sub = 0; sub < samples * samples; sub += 1) {
        const x = column + ((sub % samples) + 0.5) / samples;
        const y = row + (Math.floor(sub / samples) + 0.5) / samples;
        const across = a * x + c * y + e;
        const down = b * x + d * y + f;
        if (across < 0 || down < 0 || across >= width || down >= height) continue;
        const at = Math.floor(down) * width + Math.floor(across);
        const opacity = picture.alpha === undefined ? 255 : (picture.alpha[at] ?? 0);
        const value = isEnlarged ? between(picture, across - 0.5, down - 0.5) : (picture.grey[at] ?? 255);
        sum += value * opacity;
        weight += opacity;
      }
      if (weight === 0) continue;
      const place = row * page.width + column;
      page.grey[place] = Math.round((sum + (page.grey[place] ?? 255) * (whole - weight)) / whole);
    }
  }
}

/** The value at a place between the centres of four pixels. */
function between({ grey, width, height }: PlacedPicture, x: number, y: number): number {
  const left = Math.max(0, Math.floor(x));
  const top = Math.max(0, Math.floor(y));
  const right = Math.min(width - 1, Math.floor(x) + 1);
  const bottom = Math.min(height - 1, Math.floor(y) + 1);
  const across = x - Math.floor(x);
  const down = y - Math.floor(y);
  const upper =
    (grey[top * width + left] ?? 255) * (1 - across) + (grey[top * width + right] ?? 255) * across;
  const lower =
    (grey[bottom * width + left] ?? 255) * (1 - across) + (grey[bottom * width + right] ?? 255) * across;
  return upper * (1 - down) + lower * down;
}

/** The pixels of the page that a picture may cover. */
function placeOf([a, b, c, d, e, f]: Matrix, { width, height, dpi }: GreyPicture) {
  const xs = [e, e + a, e + c, e + a + c];
  const ys = [f, f + b, f + d, f + b + d];
  const pixel = (units: number) => (units * dpi) / UNITS_PER_INCH;
  return [
    Math.max(0, Math.floor(pixel(Math.min(...xs)))),
    Math.max(0, Math.floor(pixel(Math.min(...ys)))),
    Math.min(width, Math.ceil(pixel(Math.max(...xs)))),
    Math.min(height, Math.ceil(pixel(Math.max(...ys)))),
  ] as const;
}

function invert([a, b, c, d, e, f]: Matrix): Matrix | null {
  const determinant = a * d - b * c;
  if (!(Math.abs(determinant) > 0)) return null;
  return [
    d / determinant,
    -b / determinant,
    -c / determinant,
    a / determinant,
    (c * f - d * e) / determinant,
    (b * e - a * f) / determinant,
  ];
}
