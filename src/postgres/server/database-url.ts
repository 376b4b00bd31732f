import { ensurePassword } from "./password.ts";
import { openServerHome, type ServerHome } from "./server-home.ts";

export const DATABASE_NAME = "jejakekal";

/** `postgresql://postgres:<password>@127.0.0.1:<port>/jejakekal` */
export function databaseUrlOf(serverHome: ServerHome, port: number): string {
  return `postgresql://postgres:${ensurePassword(serverHome)}@127.0.0.1:${port}/${DATABASE_NAME}`;
}

/** The same for the embedded server that another program runs with this JEJAKEKAL_HOME and port. */
export function embeddedDatabaseUrl(home: string, port: number): string {
  return databaseUrlOf(openServerHome(home), port);
}
