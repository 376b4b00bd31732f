import { codeOf } from "../error-code.ts";

/** There is no bundle at this place, or it cannot be opened. The message is one line for the person who named it. */
export class UnreadableBundle extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "UnreadableBundle";
  }
}

/** For an error of the operating system. */
export function unreadable(path: string, cause: unknown): UnreadableBundle {
  return new UnreadableBundle(`${path} cannot be read (${codeOf(cause) ?? "unknown error"}).`, { cause });
}
