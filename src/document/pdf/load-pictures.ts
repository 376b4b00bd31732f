import type { PDFPageProxy } from "unpdf/pdfjs";
import type { Checkpoint } from "../checkpoint.ts";
import { withPdf } from "./open-pdf.ts";
import type { PlacedPicture } from "./page-picture.ts";
import { isPicture, type OperatorList, type Operators } from "./page-shapes.ts";
import { type Matrix, multiply } from "./page-text.ts";

/** A larger picture is left out: its decoded pixels would take more than 200 MB. */
const MAX_IMAGE_SIZE = 50_000_000;

/** The pixels of the pictures of one page together, which are held at the same time. */
const MAX_PAGE_PIXELS = 150_000_000;

/** A page of more pictures is no scan. */
const MAX_PICTURES = 200;

type PageSize = Readonly<{ w: number; h: number }>;

/** The pictures on one page. `isWhole`: all of them were decoded. */
export type PagePictures = Readonly<{
  n: number;
  w: number;
  h: number;
  pictures: PlacedPicture[];
  isWhole: boolean;
}>;

/** Decodes the pictures of these pages, and gives them to `use` page by page: they are large. */
export async function withPictures(
  bytes: Uint8Array,
  pages: readonly number[],
  { use, checkpoint }: Readonly<{ use: (page: PagePictures) => void; checkpoint: Checkpoint }>,
): Promise<void> {
  await withPdf(bytes, { maxImageSize: MAX_IMAGE_SIZE }, async ({ document, ops }) => {
    for (const n of pages) {
      checkpoint();
      const page = await document.getPage(n);
      use({ n, ...(await readPictures(page, ops)) });
      page.cleanup();
    }
  });
}

async function readPictures(page: PDFPageProxy, ops: Operators): Promise<Omit<PagePictures, "n">> {
  const viewport = page.getViewport({ scale: 100 });
  const operators = await page.getOperatorList({ annotationMode: 0 });
  const toPage = viewport.transform as unknown as Matrix;
  const size = { w: Math.round(viewport.width), h: Math.round(viewport.height) };
  const pictures: PlacedPicture[] = [];
  let isWhole = true;
  let pixels = 0;
  for (const { image, matrix } of findImages(operators, ops, { toPage, page: size })) {
    const decoded = readImage(typeof image === "string" ? await getObject(page, image) : image);
    pixels += decoded?.grey.length ?? 0;
    if (decoded === null || pixels > MAX_PAGE_PIXELS || pictures.length >= MAX_PICTURES) isWhole = false;
    else pictures.push({ ...decoded, matrix });
  }
  return { ...size, pictures, isWhole };
}

/** An image as the operators of pdf.js name it: the name of an object, or its data. */
type FoundImage = Readonly<{ image: unknown; matrix: Matrix }>;

function* findImages(
  { fnArray, argsArray }: OperatorList,
  ops: Operators,
  { toPage, page }: Readonly<{ toPage: Matrix; page: PageSize }>,
): Generator<FoundImage> {
  const saved: Matrix[] = [];
  let matrix = toPage;
  for (const [index, fn] of fnArray.entries()) {
    const args = argsArray[index];
    if (fn === ops.save) saved.push(matrix);
    else if (fn === ops.restore || fn === ops.paintFormXObjectEnd) matrix = saved.pop() ?? matrix;
    else if (!Array.isArray(args)) continue;
    else if (fn === ops.transform) {
      matrix = multiply(matrix, args);
      // The library leaves out a picture that is too large.
      const isLeftOut = fnArray[index + 1] === ops.restore && isPicture(matrix, page);
      if (isLeftOut) yield { image: null, matrix };
    } else if (fn === ops.paintFormXObjectBegin) {
      saved.push(matrix);
      if (args[0] !== null) matrix = multiply(matrix, Array.from(args[0] as ArrayLike<number>));
    } else if (fn === ops.paintImageXObject || fn === ops.paintInlineImageXObject) {
      yield { image: args[0], matrix };
    } else if (fn === ops.paintImageMaskXObject) {
      const { data } = args[0] as Readonly<{ data: unknown }>;
      yield { image: typeof data === "string" ? data : args[0], matrix };
    }
  }
}

/** Objects of several pages have a name that begins so. */
const OF_DOCUMENT = "g_";

function getObject(page: PDFPageProxy, name: string): Promise<unknown> {
  const objects = name.startsWith(OF_DOCUMENT) ? page.commonObjs : page.objs;
  return new Promise((resolve) => objects.get(name, resolve));
}

/** The kinds of pixels of pdf.js. A stencil has none: its bits are as those of the first, and 1 lets through what is below. */
const GREY_1 = 1;
const RGB_24 = 2;
const RGBA_32 = 3;

type Decoded = Pick<PlacedPicture, "width" | "height" | "grey" | "alpha">;

/** Null for what the library could not decode. */
function readImage(image: unknown): Decoded | null {
  const {
    width = 0,
    height = 0,
    kind,
    data,
  } = (image ?? {}) as Readonly<{
    width?: number;
    height?: number;
    kind?: number;
    data?: Uint8Array | Uint8ClampedArray | null;
  }>;
  if (!data || width < 1 || height < 1) return null;
  const size = { width, height };
  if (kind === undefined) {
    const grey = readBits(data, size);
    return { ...size, grey, alpha: grey.map((value) => 255 - value) };
  }
  if (kind === GREY_1) return { ...size, grey: readBits(data, size) };
  if (kind === RGB_24) return { ...size, grey: readColours(data, size, 3) };
  if (kind !== RGBA_32) return null;
  return { ...size, grey: readColours(data, size, 4), alpha: readAlpha(data, size) };
}

type Size = Readonly<{ width: number; height: number }>;
type Pixels = Uint8Array | Uint8ClampedArray;

function readBits(data: Pixels, { width, height }: Size): Uint8Array {
  const grey = new Uint8Array(width * height);
  const stride = (width + 7) >> 3;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const bit = ((data[row * stride + (column >> 3)] ?? 255) >> (7 - (column & 7))) & 1;
      grey[row * width + column] = bit * 255;
    }
  }
  return grey;
}

/** Luma of ITU-R BT.601, in integers. */
function readColours(data: Pixels, { width, height }: Size, channels: number): Uint8Array {
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    const [red = 0, green = 0, blue = 0] = [
      data[at * channels],
      data[at * channels + 1],
      data[at * channels + 2],
    ];
    grey[at] = (77 * red + 150 * green + 29 * blue) >> 8;
  }
  return grey;
}

function readAlpha(data: Pixels, { width, height }: Size): Uint8Array {
  const alpha = new Uint8Array(width * height);
  for (let at = 0; at < alpha.length; at += 1) alpha[at] = data[at * 4 + 3] ?? 255;
  return alpha;
}
