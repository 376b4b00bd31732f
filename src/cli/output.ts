import { EXIT, tell } from "./context.ts";

/** What a shell expects of a program whose reader has gone. */
const EXIT_CODE_OF_BROKEN_PIPE = 141;

/**
 * Watches what is written to stdout from now on. The returned function waits until all of it has gone out, however slow its
 * reader, which is null, or cannot, which is an exit code. The last write is asked for that: of what it has yet to write, Bun's
 * stream itself says nothing.
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

/** That its reader has read enough is nothing to speak of. */
function explain(error: Error & { code?: string }): number {
  if (error.code === "EPIPE") return EXIT_CODE_OF_BROKEN_PIPE;
  tell(`jejakekal: the answer cannot be written (${error.code ?? error.message}).`);
  return EXIT.failed;
}
