import ipaddr from "ipaddr.js";

/** The client behind a connection. */
export type Client = Readonly<{
  address: string;
  /** Whether its connection to the proxy in front of this program is TLS. */
  isSecure: boolean;
}>;

/** Reads what a proxy says about its client, if the proxy is one of those that are trusted. */
export type ReadForwarded = (
  peerAddress: string,
  readHeader: (name: string) => string | null,
) => Readonly<{ client: Client; host: string | null }>;

/** @param trustedProxies addresses, and networks such as `10.0.0.0/8` */
export function createForwardedReader(trustedProxies: readonly string[]): ReadForwarded {
  const networks = trustedProxies.map((text) => {
    const single = text.includes(":") ? 128 : 32;
    return ipaddr.parseCIDR(text.includes("/") ? text : `${text}/${single}`);
  });
  const isTrusted = (address: string): boolean => {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return networks.some((network) => network[0].kind() === parsed.kind() && parsed.match(network));
  };
  return (peerAddress, readHeader) => {
    if (!isTrusted(peerAddress)) {
      return { client: { address: peerAddress, isSecure: false }, host: readHeader("host") };
    }
    // Each proxy appends the address that it saw, so only what follows the last untrusted address is certain.
    const hops = listOf(readHeader("x-forwarded-for"));
    const address = hops.findLast((hop) => !isTrusted(hop)) ?? hops[0] ?? peerAddress;
    const isSecure = listOf(readHeader("x-forwarded-proto")).at(-1)?.toLowerCase() === "https";
    const host = listOf(readHeader("x-forwarded-host")).at(-1) ?? readHeader("host");
    return { client: { address, isSecure }, host };
  };
}

function listOf(value: string | null): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
