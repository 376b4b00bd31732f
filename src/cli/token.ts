import { Command } from "commander";
import { makeToken, revokeToken } from "../access/token.ts";
import { SCOPES, tokenViewOf } from "../domain/access.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { cliContext, withStore } from "./context.ts";
import { print, tell } from "./terminal.ts";

export function tokenCommand(binaries: PostgresBinaries): Command {
  return new Command("token")
    .description("make, list and revoke the tokens by which clients get access")
    .addCommand(
      new Command("new")
        .description("make a token and print it; it cannot be printed again")
        .argument("<name>", "a name that no token has had; journals keep it")
        .requiredOption(
          "--scope <scope>",
          `what it allows: ${SCOPES.join(", ")}; each includes those before it`,
        )
        .option(
          "--rate <rate>",
          "requests that it may send in a minute, such as 60/min; without it any number",
        )
        .action(async (name: string, { scope, rate }: { scope: string; rate?: string }) => {
          const { record, text } = await withStore(cliContext(binaries), (store) =>
            makeToken(store, {
              name,
              scope,
              ...(rate === undefined ? {} : { rate_per_min: readRate(rate) }),
            }),
          );
          print({ ...tokenViewOf(record), token: text });
          tell("Keep the token: only its hash is stored.");
        }),
    )
    .addCommand(
      new Command("list")
        .description("print all tokens, oldest first")
        .action(async () =>
          print(
            await withStore(cliContext(binaries), async (store) =>
              (await store.listTokens()).map(tokenViewOf),
            ),
          ),
        ),
    )
    .addCommand(
      new Command("revoke")
        .description("make a token and its sessions invalid, on every node within a second")
        .argument("<name>")
        .action(async (name: string) =>
          print(tokenViewOf(await withStore(cliContext(binaries), (store) => revokeToken(store, name)))),
        ),
    );
}

/** Reads `60/min`; another text becomes a number that is refused. */
function readRate(text: string): number {
  return Number(/^(\d{1,7})\/min$/.exec(text)?.[1] ?? Number.NaN);
}
