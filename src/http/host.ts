import { BlockList, isIP } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * Decides which hosts a listener answers. A page on the web can give its own name the address 127.0.0.1 (DNS rebinding);
 * the browser then sends that name as `Host` and lets the page read the answers. So a listener on a loopback address
 * answers loopback names, the address that it is bound to and `allowedHosts`, each with any port. A listener on another
 * address also answers every address, because such a name is no address.
 */
export function createHostCheck(
  bound: Readonly<{ host: string; isLoopback: boolean }>,
  allowedHosts: readonly string[],
): (host: string) => boolean {
  const allowed = new Set([bound.host, ...allowedHosts].map((name) => name.toLowerCase()));
  return (host) => {
    const name = hostnameOf(host);
    return allowed.has(name) || isLoopbackName(name) || (!bound.isLoopback && isIP(name) !== 0);
  };
}

function isLoopbackName(name: string): boolean {
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const family = isIP(name);
  return family !== 0 && LOOPBACK.check(name, family === 6 ? "ipv6" : "ipv4");
}

/** The name or address in a `Host` value in lower case, without port, brackets and a final dot; "" when it is neither. */
function hostnameOf(host: string): string {
  const [, ipv6, name] = /^(?:\[([^\]]*)\]|([^:[\]/?#@\\\s]*))(?::\d{0,5})?$/.exec(host) ?? [];
  return (ipv6 ?? name ?? "").toLowerCase().replace(/\.$/, "");
}
