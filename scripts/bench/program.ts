import { rmSync } from "node:fs";
import { type Program, startApi } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { findFreePorts } from "../../src/free-port.ts";
import { createLog } from "../../src/log.ts";
import { embeddedDatabaseUrl, fromNodeModules } from "../../src/postgres/index.ts";
import { ROOT } from "./support.ts";

/** Starts a service in this process, with an empty data folder and fsync on, so that one benchmark measures it and bare DBOS. */
export async function startBenchProgram(
  name: string,
): Promise<Program & { apiUrl: string; databaseUrl: string }> {
  const home = `${ROOT}.cache/bench/${name}`;
  rmSync(home, { recursive: true, force: true });
  const [pgPort = 0] = await findFreePorts(1);
  const config = readConfig({
    API_PORT: "0",
    UI_PORT: "0",
    PGPORT: String(pgPort),
    JEJAKEKAL_HOME: home,
    JEJAKEKAL_BUNDLES_ROOT: `${home}/run-bundles`,
  });
  const program = await startApi(config, fromNodeModules(), createLog({ level: "silent" }));
  if (program.apiUrl === null) throw new Error("the API does not listen");
  return {
    ...program,
    apiUrl: program.apiUrl,
    databaseUrl: embeddedDatabaseUrl(home, config.pgPort),
  };
}

/** A document of one page, about 300 words. Each call returns another text. */
export function onePageDocument(serial: number): string {
  const paragraphs = Array.from(
    { length: 8 },
    (_, index) =>
      `Watch ${index + 1}, entry ${serial}. The harbour saw ${index * 7 + serial} ships on ${index + 1} May 2024 and took ` +
      `$${(index + 1) * 125} in dues. The tide was high and the wind stayed in the west. Nothing else of note was seen.`,
  );
  return `# Harbour log ${serial}\n\n${paragraphs.join("\n\n")}\n`;
}
