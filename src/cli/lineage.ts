import { Command } from "commander";
import type { ComparableRun } from "../bundle/compare.ts";
import { isRunId, parseRunId } from "../domain/run.ts";
import { Failure } from "../failure.ts";
import { UnreadableBundle } from "../files/unreadable-bundle.ts";
import { readCitationLineage } from "../flow/citation-lineage.ts";
import { readComparableRun } from "../flow/comparable-run.ts";
import type { PostgresBinaries } from "../postgres/index.ts";
import { artifactViewOf, provenanceOf } from "../projection/run-view.ts";
import { cliContext, withStore } from "./context.ts";
import { print } from "./terminal.ts";

const MAX_LISTED = 500;

export function lineageCommand(binaries: PostgresBinaries): Command {
  return new Command("lineage")
    .description("print the artifacts that have the bytes of a sha256, or what is behind a citation of a run")
    .argument("<sha256-or-run>", "a sha256; or the id of a run, with a citation")
    .argument("[citation]", "the id of a citation, such as q_18f9d3d4d1891b30")
    .action((subject: string, citation?: string) =>
      citation === undefined
        ? printLineage(binaries, subject)
        : printCitation(binaries, parseRunId(subject), citation),
    );
}

async function printCitation(binaries: PostgresBinaries, runId: string, citation: string): Promise<void> {
  print(await withStore(cliContext(binaries), (store) => readCitationLineage(store, runId, citation)));
}

async function printLineage(binaries: PostgresBinaries, sha256: string): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new Failure("invalid_query", { field: "sha256", reason: "takes 64 hex digits" });
  }
  const artifacts = await withStore(cliContext(binaries), (store) =>
    store.listArtifacts({ sha256, limit: MAX_LISTED }),
  );
  print(
    artifacts.map((artifact) => ({
      ...artifactViewOf(artifact),
      role: artifact.sha256 === sha256 ? "has" : "made_from",
      prov: provenanceOf(artifact),
    })),
  );
}

/** The runs with these ids, for `diff`. */
export async function readRuns(
  binaries: PostgresBinaries,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ComparableRun>> {
  const wrong = ids.find((id) => !isRunId(id));
  if (wrong !== undefined)
    throw new UnreadableBundle(`${wrong} is neither a file, a folder nor the id of a run.`);
  return withStore(cliContext(binaries), async (store) => {
    const runs = new Map<string, ComparableRun>();
    for (const id of ids) runs.set(id, await withArtifactsRead(await readComparableRun(store, id)));
    return runs;
  });
}

/** Reads the artifacts while the database is open. */
async function withArtifactsRead(run: ComparableRun): Promise<ComparableRun> {
  const contents = new Map<string, Uint8Array | null>();
  for (const { id } of run.artifacts) contents.set(id, await run.readArtifact(id));
  return { ...run, readArtifact: async (type) => contents.get(type) ?? null };
}
