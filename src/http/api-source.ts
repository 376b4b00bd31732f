import type { BundleModel } from "../views/model.ts";
import type { ReadServices, Services } from "./api/services.ts";
import type { FetchHandler } from "./listener.ts";

/** The API: services in this process, null until they are up; another process that requests are forwarded to; or one bundle, which is only read. */
export type ApiSource =
  | Readonly<{ kind: "local"; getServices: () => Services | null }>
  | Readonly<{ kind: "remote"; forward: FetchHandler }>
  | Readonly<{ kind: "bundle"; services: ReadServices; bundle: BundleModel }>;

/** How clients reach the listeners. */
export type Reach = Readonly<{
  /** The address of the proxy in front of this program. */
  publicUrl: URL | undefined;
  /** Whether other machines can reach a listener and requests without a token are not to be answered. */
  isTokenRequired: boolean;
}>;
