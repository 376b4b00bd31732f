import { addressOf } from "./page-params.ts";
import type { RunView } from "./run-view.ts";

/** Commands for a shell that do what the page shows: read the run, read its artifact, ask for the same again. */
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
      label: "Ask for the same again",
      command: `curl -sS ${quote(`${origin}/artifacts/${run.run_id}:raw/download`)} | ${again}`,
    },
    {
      label: "Take its bundle",
      command: `curl -sS ${quote(`${origin}/runs/${run.run_id}/bundle`)} -o ${quote(`${run.run_id}.json`)}`,
    },
  ];
}

/** One word to a POSIX shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
