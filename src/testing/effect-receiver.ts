import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the receiver does with a call after it has taken note of it. */
export type ReceiverBehaviour = "answers" | "fails" | "hangs" | "closes the connection";

/** A receiver of effects outside of the program, which counts them. */
export type EffectReceiver = Readonly<{
  url: string;
  /** The keys of the calls that came, in order, however they were answered. */
  calls(): readonly string[];
  /** The most calls that were under way for one key at the same time. */
  mostAtOnce(): number;
}> &
  AsyncDisposable;

/** @param behaviourOf what the receiver does with the call of this number, counted from 1 */
export async function openEffectReceiver(
  behaviourOf: (call: number) => ReceiverBehaviour = () => "answers",
): Promise<EffectReceiver> {
  const calls: string[] = [];
  const underWay = new Map<string, number>();
  let mostAtOnce = 0;
  const server = createServer((req, res) => {
    const key = String(req.headers["idempotency-key"]);
    calls.push(key);
    const behaviour = behaviourOf(calls.length);
    underWay.set(key, (underWay.get(key) ?? 0) + 1);
    mostAtOnce = Math.max(mostAtOnce, underWay.get(key) ?? 0);
    res.once("close", () => underWay.set(key, (underWay.get(key) ?? 1) - 1));
    if (behaviour === "hangs") return;
    if (behaviour === "closes the connection") {
      req.socket.destroy();
      return;
    }
    // Calls of one key that are not serialised would overlap here.
    setTimeout(() => res.writeHead(behaviour === "answers" ? 200 : 503).end(String(calls.length)), 20);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    mostAtOnce: () => mostAtOnce,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
