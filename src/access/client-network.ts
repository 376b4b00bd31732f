import ipaddr from "ipaddr.js";

/** Providers give a customer a network of this size at least, so that all of its addresses can be one person's. */
const IPV6_PREFIX_BYTES = 8;

/**
 * What the guesses of a client are counted by: its IPv4 address, the first 64 bits of its IPv6 address, or the text itself when it is
 * no address. An IPv4 address that is written as an IPv6 one counts as itself.
 */
export function clientNetworkOf(address: string): string {
  const bare = address.replace(/%.*$/, "");
  if (!ipaddr.isValid(bare)) return address;
  const parsed = ipaddr.process(bare);
  if (parsed.kind() === "ipv4") return parsed.toString();
  const network = parsed.toByteArray().map((byte, index) => (index < IPV6_PREFIX_BYTES ? byte : 0));
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}
