import { userInfo } from "node:os";

/** The name of the current user; the number when the user has no name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
