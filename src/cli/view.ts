import { Command } from "commander";
import { type Verified, verifyBundle } from "../bundle/verify/verify.ts";
import { StartFailure } from "../failure.ts";
import { withBundle } from "../files/bundle-reader.ts";
import { createHttpApp } from "../http/app.ts";
import { createBundleServices } from "../http/bundle-services.ts";
import { createForwardedReader } from "../http/forwarded.ts";
import { createHostCheck } from "../http/host.ts";
import { openListener } from "../http/listener.ts";
import { refuseRequest } from "../http/pages/problem-page.ts";
import { createLog } from "../log.ts";
import { waitForStopSignal } from "./signals.ts";
import { BUNDLE_EXIT, type Exit, print, tell } from "./terminal.ts";
import { type KeyOptions, readKeys, tellUnsound } from "./verify.ts";

/** Other machines must not read the bundle. */
const LOOPBACK = "127.0.0.1";

const REQUEST_GRACE_MS = 1_000;

type Options = KeyOptions & Readonly<{ port: string }>;

export function viewCommand(exit: Exit): Command {
  return new Command("view")
    .description("show the run of a bundle in a browser, from its files alone; nothing can be changed")
    .argument("<bundle>", "a folder or zip file")
    .option("--port <number>", "the port on this machine; 0 takes any free port", "0")
    .option("--key <file>", "the public key that must have signed")
    .option("--key-dir <folder>", "a folder with public keys (*.pub, *.pem), of which one must have signed")
    .addHelpText(
      "after",
      "\nThe result of the verification is on top of each page. A bundle whose files cannot be read is not shown: exit code 1 altered, 2 unreadable.",
    )
    .action(async (path: string, options: Options) => {
      exit(await view(path, options));
    });
}

/** Serves until a signal to stop. */
async function view(path: string, options: Options): Promise<number> {
  const port = readPort(options.port);
  const keys = await readKeys(options);
  return withBundle(path, (reader) => serve(path, verifyBundle(reader, keys), port));
}

/** The files of the bundle are read when they are asked for. */
async function serve(path: string, { verification, contents }: Verified, port: number): Promise<number> {
  if (verification.outcome !== "sound") tellUnsound(path, verification);
  if (contents === null) return BUNDLE_EXIT.altered;
  const { bundleDigest, keyId } = verification;
  const services = createBundleServices(contents, {
    bundleSha256: bundleDigest ?? "",
    keyId,
    atEpochMs: null,
  });
  const signalled = waitForStopSignal();
  const log = createLog({ level: "warn", fd: 2 });
  const listener = await openListener({
    host: LOOPBACK,
    port,
    portVariable: "--port",
    isHostAllowed: createHostCheck({ host: LOOPBACK, isLoopback: true }, []),
    readForwarded: createForwardedReader([]),
    handler: createHttpApp({
      listener: "ui",
      reach: { publicUrl: undefined, isTokenRequired: false },
      api: { kind: "bundle", services, bundle: { path, verification } },
      maxBodyBytes: 0,
      log,
    }),
    refuse: (failure, headers) => refuseRequest(failure, headers, "ui"),
    log,
  });
  const url = `${listener.url}/runs/${verification.runId}`;
  print({ url, run_id: verification.runId, outcome: verification.outcome });
  tell(`The run is at ${url}. Stop with Ctrl-C.`);
  await signalled;
  await listener.close(REQUEST_GRACE_MS);
  return BUNDLE_EXIT.sound;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new StartFailure("--port takes a number from 0 to 65535.");
  return port;
}
