import { Command, InvalidArgumentError } from "commander";
import { readConfig } from "../config.ts";
import { StartFailure } from "../failure.ts";
import { print } from "./terminal.ts";

export function waitCommand(): Command {
  return new Command("wait")
    .description("poll an address until it answers with a 2xx")
    .argument("<url>", "an http or https address", address)
    .argument("[timeoutMs]", "give up after this long", milliseconds, 15_000)
    .argument("[intervalMs]", "how long to wait between two tries", milliseconds, 100)
    .action(waitFor);
}

async function waitFor(url: string, timeoutMs: number, intervalMs: number): Promise<void> {
  const { token } = readConfig();
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const began = performance.now();
  let last = "no answer";
  while (performance.now() - began < timeoutMs) {
    try {
      const response = await fetch(url, {
        headers,
        signal: AbortSignal.timeout(Math.max(intervalMs, 1_000)),
      });
      await response.body?.cancel();
      if (response.ok) {
        print({ ok: true, url, ms: Math.round(performance.now() - began) });
        return;
      }
      last = `status ${response.status}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  throw new StartFailure(`${url} was not well within ${timeoutMs} ms (${last}).`);
}

function address(text: string): string {
  if (!/^https?:/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError("Takes an http or https address.");
  return text;
}

function milliseconds(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw new InvalidArgumentError("Takes a number of milliseconds.");
  return Number(text);
}
