import type { Services } from "./api/services.ts";
import type { FetchHandler } from "./listener.ts";

/** The API: services in this process, null until they are up; or another process that requests are forwarded to. */
export type ApiSource =
  | Readonly<{ kind: "local"; getServices: () => Services | null }>
  | Readonly<{ kind: "remote"; forward: FetchHandler }>;

/** How clients reach the listeners. */
export type Reach = Readonly<{
  /** The address of the proxy in front of this program. */
  publicUrl: URL | undefined;
  /** Whether other machines can reach a listener and requests without a token are not to be answered. */
  isTokenRequired: boolean;
}>;
