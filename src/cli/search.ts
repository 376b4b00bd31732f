import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { type Indexed, reindex } from "../flow/search/indexer.ts";
import { createSearch } from "../flow/search/search.ts";
import { DEFAULT_HITS, readSearchRequest, type SearchParameters } from "../flow/search/search-request.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { cliContext, withStore } from "./context.ts";
import { print } from "./terminal.ts";

type SearchOptions = Omit<SearchParameters, "q" | "limit"> & Readonly<{ limit: string }>;

const LOCK_POLL_MS = 100;

export function searchCommands(binaries: PostgresBinaries): Command[] {
  return [
    new Command("search")
      .description('find chunks: words, "phrases", -exclude, prefix*, and filters such as status:done')
      .argument("<words...>")
      .option("--type <format>", "documents of this format, such as md or pdf")
      .option("--run <id>", "chunks of this run")
      .option("--status <status>", "runs that are running, done or error")
      .option("--after <date>", "runs accepted on this day or later")
      .option("--before <date>", "runs accepted before this day")
      .option("--page <pages>", "chunks on these pages, such as 3 or 3-5")
      .option("--has <what>", "doubt: chunks that should be reviewed")
      .option("--limit <n>", "how many", String(DEFAULT_HITS))
      .option("--cursor <cursor>", "the next of an earlier answer")
      .action(async (words: string[], { limit, ...options }: SearchOptions) => {
        const request = readSearchRequest({ ...options, q: words.join(" "), limit: Number(limit) });
        const context = cliContext(binaries);
        print(await withStore(context, (store) => createSearch({ store, log: context.log })(request)));
      }),
    new Command("reindex")
      .description("make the search index again; searches use the old one until it is done")
      .action(async () => {
        const context = cliContext(binaries);
        print(await withStore(context, (store) => reindexWhenFree({ store, log: context.log })));
      }),
  ];
}

/** Waits while a node writes the index. */
async function reindexWhenFree(deps: Parameters<typeof reindex>[0]): Promise<Indexed> {
  for (;;) {
    const indexed = await reindex(deps);
    if (indexed !== null) return indexed;
    await sleep(LOCK_POLL_MS);
  }
}
