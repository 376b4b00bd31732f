import type { ExportRun } from "../../flow/export-run.ts";
import type { Kernel } from "../../flow/kernel.ts";
import type { Log } from "../../log.ts";
import type { Store } from "../../store/index.ts";

/** What the handlers work with. */
export type Services = Readonly<{
  kernel: Kernel;
  store: Store;
  exportRun: ExportRun;
  log: Log;
  maxBodyBytes: number;
  /** Said by `/healthz`: which node of the system this is, and which build. */
  identity: Readonly<{ node: string; version: string }>;
}>;
