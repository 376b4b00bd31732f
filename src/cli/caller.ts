import { createAccess } from "../access/access.ts";
import { includesScope, type Scope } from "../domain/access.ts";
import type { Sender } from "../domain/journal.ts";
import { Failure } from "../failure.ts";
import type { Store } from "../store/index.ts";
import type { CliContext } from "./context.ts";

/**
 * Who calls a subcommand: the holder of JEJAKEKAL_TOKEN; without it, whoever can open the database.
 * @throws Failure `unauthenticated`, `forbidden`
 */
export async function identifyCaller(
  { config }: Pick<CliContext, "config">,
  store: Pick<Store, "listTokens" | "openSession" | "findSessionToken" | "endSession">,
  scope: Scope,
): Promise<Sender> {
  if (config.token === undefined) return { via: "cli", token: null };
  const access = createAccess(store, () => false);
  const { token, scope: held } = await access.identify({ bearer: config.token, session: null }, "cli");
  if (!includesScope(held, scope)) throw new Failure("forbidden", { scope });
  return { via: "cli", token: token?.name ?? null };
}
