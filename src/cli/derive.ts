import { buffer } from "node:stream/consumers";
import { Command } from "commander";
import { loadTokenizer } from "../document/index.ts";
import { answerDerivationRequest, DERIVE_SUBCOMMAND } from "../flow/derivation/child-process.ts";

/** How this program does for itself, in a process of its own, what would keep it from answering. */
export function deriveCommand(): Command {
  return new Command(DERIVE_SUBCOMMAND).action(async () => {
    const [request] = await Promise.all([buffer(process.stdin), loadTokenizer()]);
    for (const part of await answerDerivationRequest(request)) process.stdout.write(part);
  });
}
