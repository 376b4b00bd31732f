const PNG_START = 0x89504e47;
const JPEG_START = 0xffd8;

/** The width and height of a PNG or JPEG file in pixels; null where the file does not say. */
export function pictureSizeOf(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4) return null;
  if (view.getUint32(0) === PNG_START) return pngSize(view);
  return view.getUint16(0) === JPEG_START ? jpegSize(view) : null;
}

/** The first chunk of a PNG is IHDR (PNG, 11.2.1). */
function pngSize(view: DataView): { width: number; height: number } | null {
  if (view.byteLength < 24) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Markers that begin a frame; the others between 0xC0 and 0xCF define tables (ITU-T T.81, B.1.1.3). */
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc]);

/** A marker without a segment: TEM, or one of the restart markers (ITU-T T.81, B.1.1.3). */
function isAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

function jpegSize(view: DataView): { width: number; height: number } | null {
  for (let at = 2; at + 9 <= view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    // The decoder reads on behind such a marker: a length that is not there would lead to another frame than the decoder reads.
    if (isAlone(marker)) {
      at += 2;
      continue;
    }
    // No frame follows a byte that stands for itself, the start of an image, its end, or a scan.
    if (marker === 0x00 || (marker >= 0xd8 && marker <= 0xda)) return null;
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
