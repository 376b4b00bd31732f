import { addressOf } from "./page-params.ts";
import type { RunView } from "./run-view.ts";

/** Shell commands for a run: read it, start a run on the same document, download its bundle. */
export function curlCommands(
  run: RunView,
  origin: string,
): readonly Readonly<{ label: string; command: string }>[] {
  const { args, sleep_ms } = run.header;
  const mediaType = typeof args?.media_type === "string" ? args.media_type : "text/plain";
  const controls = [
    ["sleepMs", sleep_ms ?? 1],
    ["filename", typeof args?.filename === "string" ? args.filename : null],
  ] as const;
  const again = `curl -sS -X POST ${quote(origin + addressOf("/runs", controls))} -H ${quote(`content-type: ${mediaType}`)} --data-binary @-`;
  return [
    {
      label: "Read this run",
      command: `curl -sS -H 'accept: application/json' ${quote(`${origin}/runs/${run.run_id}`)}`,
    },
    {
      label: "Start a run on the same document",
      command: `curl -sS ${quote(`${origin}/artifacts/${run.run_id}:raw/download`)} | ${again}`,
    },
    {
      label: "Download its bundle",
      command: `curl -sS ${quote(`${origin}/runs/${run.run_id}/bundle`)} -o ${quote(`${run.run_id}.json`)}`,
    },
  ];
}

/** Quotes text as one word for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
