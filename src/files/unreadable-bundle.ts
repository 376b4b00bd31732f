/** There is no bundle at this place, or it cannot be opened. The message is one line for the person who named it. */
export class UnreadableBundle extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "UnreadableBundle";
  }
}
