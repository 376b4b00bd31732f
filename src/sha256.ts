import { hash } from "node:crypto";

/** The sha256 as 64 lower-case hex digits; a string is hashed as UTF-8. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data);
}
