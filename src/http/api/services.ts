import type { Access } from "../../access/access.ts";
import type { RunReader } from "../../domain/run-reader.ts";
import { Failure } from "../../failure.ts";
import type { EraseRun } from "../../flow/erase-run.ts";
import type { ExportRun } from "../../flow/export-run.ts";
import type { Kernel } from "../../flow/kernel.ts";
import type { ReadRunBundle } from "../../flow/run-bundle.ts";
import type { Search } from "../../flow/search/search.ts";
import type { Log } from "../../log.ts";
import type { Metrics } from "../../metrics.ts";
import type { Store } from "../../store/index.ts";

/** What the handlers that only read work with: over the database, or over one bundle. */
export type ReadServices = Readonly<{
  store: RunReader;
  readRunBundle: ReadRunBundle;
  /** The version of the program, for what it writes into a download. */
  identity: Readonly<{ version: string }>;
}>;

/** What the handlers of the API work with. */
export type Services = Readonly<{
  kernel: Kernel;
  store: Store;
  access: Access;
  exportRun: ExportRun;
  eraseRun: EraseRun;
  readRunBundle: ReadRunBundle;
  search: Search;
  log: Log;
  metrics: Metrics;
  maxBodyBytes: number;
  /** Whether pictures are documents. */
  hasOcr: boolean;
  /** The processes of this program: how many there should be, and how many are ready. */
  workers: Readonly<{ count(): Readonly<{ configured: number; ready: number }> }>;
  /** Part of `GET /healthz`: the name of this node and the version of the program. */
  identity: Readonly<{ node: string; version: string }>;
}>;

/** The failure of every request until the services are up. It is expected then, so it is not logged. */
export const STARTING = new Failure("database_unavailable");
