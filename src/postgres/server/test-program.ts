import { StartFailure } from "../../failure.ts";
import { fromNodeModules } from "../binaries/binaries.ts";
import { ensureRunning } from "./ensure-running.ts";
import { askForPid, linkedBinaries } from "./test-support.ts";

/**
 * A program that uses the embedded server, for tests that need real processes: `test-program.ts HOME PORT SHARED MODE`.
 * It prints one line of JSON once attached. `stay`: until stdin ends, then a graceful exit. `idle`: nothing keeps it.
 * `unpack`: unpacks the real binaries, slowly enough to be killed while at it.
 */
const [home = "", port = "", sharedDir = "", mode = "stay"] = process.argv.slice(2);

try {
  const binaries = mode === "unpack" ? slowly(fromNodeModules()) : linkedBinaries(sharedDir);
  const server = await ensureRunning({ home, port: Number(port), binaries });
  const pid = await askForPid(server.databaseUrl);
  process.stdout.write(
    `${JSON.stringify({ databaseUrl: server.databaseUrl, startedHere: server.startedHere, pid })}\n`,
  );
  if (mode === "stay") {
    process.stdin.resume().once("end", async () => {
      await server.release();
      process.exit(0);
    });
  }
} catch (error) {
  if (!(error instanceof StartFailure)) throw error;
  process.stdout.write(`${JSON.stringify({ failure: error.message })}\n`);
}

function slowly(binaries: ReturnType<typeof fromNodeModules>): typeof binaries {
  return {
    version: binaries.version,
    async unpackInto(dir) {
      await binaries.unpackInto(dir);
      process.stdout.write(`${JSON.stringify({ databaseUrl: "", startedHere: false, pid: 0 })}\n`);
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  };
}
