/** The width and height of a PNG or JPEG file in pixels; null where the file does not say. */
export function pictureSizeOf(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes[0] === 0x89 ? pngSize(view) : jpegSize(view);
}

/** The first chunk of a PNG is IHDR (PNG, 11.2.1). */
function pngSize(view: DataView): { width: number; height: number } | null {
  if (view.byteLength < 24) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Markers that begin a frame; the others between 0xC0 and 0xCF define tables (ITU-T T.81, B.1.1.3). */
const NO_FRAME = new Set([0xc4, 0xc8, 0xcc]);

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
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
