import { Command } from "commander";
import { readOcrConfig } from "../config.ts";
import { loadTokenizer } from "../document/index.ts";
import { codeOf } from "../error-code.ts";
import { answerDerivationRequests, DERIVE_SUBCOMMAND } from "../flow/derivation/child-process.ts";
import { createOcrSource } from "../ocr/ocr-source.ts";

/** The hidden subcommand of the child processes that derive what takes long. */
export function deriveCommand(): Command {
  return new Command(DERIVE_SUBCOMMAND).action(async () => {
    await loadTokenizer();
    await answerDerivationRequests(process.stdin, process.stdout, createOcrSource(readOcrConfig())).catch(
      ignoreBrokenPipe,
    );
  });
}

/** The program that asked has ended, so nobody reads the answer. */
function ignoreBrokenPipe(error: unknown): void {
  if (codeOf(error) !== "EPIPE") throw error;
}
