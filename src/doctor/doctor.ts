import type { Config } from "../config.ts";
import type { DatabaseLocation } from "../postgres/index.ts";
import type { Check } from "./check.ts";
import { checkDatabase } from "./database.ts";
import { checkDisk, checkHome, checkRuntime, checkSigningKey } from "./machine.ts";
import { checkPorts } from "./ports.ts";

/** All checks, in the order in which they are shown. Nothing is changed, whether or not a service runs. */
export async function examine(config: Config, location: DatabaseLocation): Promise<readonly Check[]> {
  return [
    checkRuntime(),
    ...(config.databaseUrl === undefined ? [await checkHome(config.home)] : []),
    await checkDisk(config),
    ...(await checkPorts(config)),
    await checkSigningKey(config.signingKeyPath),
    ...(await checkDatabase(config, location)),
  ];
}
