import { buffer } from "node:stream/consumers";
import { Command } from "commander";
import { loadTokenizer } from "../document/index.ts";
import { answerDerivationRequest, DERIVE_SUBCOMMAND } from "../flow/derivation/child-process.ts";

/** The hidden subcommand of the child processes that derive large documents. */
export function deriveCommand(): Command {
  return new Command(DERIVE_SUBCOMMAND).action(async () => {
    const [request] = await Promise.all([buffer(process.stdin), loadTokenizer()]);
    for (const part of await answerDerivationRequest(request)) process.stdout.write(part);
  });
}
