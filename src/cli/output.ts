import { EXIT, tell } from "./terminal.ts";

/** The exit code for a closed stdout, as shells know it from SIGPIPE. */
const EXIT_CODE_OF_BROKEN_PIPE = 141;

/**
 * Tracks what is written to stdout from now on. The returned function waits until all of it is written, however slow the reader is:
 * it returns null then, or an exit code when writing failed. It relies on the callback of the last write, because Bun's stream does
 * not report how much it has buffered.
 */
export function watchOutput(): () => Promise<number | null> {
  const { stdout } = process;
  let last = Promise.resolve();
  const broken = Promise.withResolvers<Error>();
  stdout.on("error", broken.resolve);
  const write = stdout.write.bind(stdout);
  stdout.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    const encoding = rest.find((part) => typeof part === "string") as BufferEncoding | undefined;
    const done = rest.find((part) => typeof part === "function") as
      | ((error?: Error | null) => void)
      | undefined;
    return write(chunk, encoding, (error) => {
      if (error) broken.resolve(error);
      resolve();
      done?.(error);
    });
  };
  return () => Promise.race([broken.promise.then(explain), last.then(() => null)]);
}

/** A reader that has closed the pipe, as `head` does, is no error to report. */
function explain(error: Error & { code?: string }): number {
  if (error.code === "EPIPE") return EXIT_CODE_OF_BROKEN_PIPE;
  tell(`jejakekal: the answer cannot be written (${error.code ?? error.message}).`);
  return EXIT.failed;
}
