/** What a release says of its origin: an in-toto Statement v1 with SLSA provenance v1, as bundles have one. */
import { createHash } from "node:crypto";
import { canonicalJsonBytes } from "../../src/canonical-json.ts";

export type ReleaseSource = Readonly<{
  version: string;
  commit: string;
  /** Whether files differ from those of the commit. */
  isChanged: boolean;
  /** Null outside of a build for a tag. */
  tag: string | null;
  /** Null outside of GitHub. */
  repository: string | null;
  /** The address of the build's log; null outside of GitHub. */
  run: string | null;
}>;

export type ReleasedFile = Readonly<{ name: string; sha256: string }>;

/** @throws Error for a tag of another version, or when the files are not those of the commit */
export function checkTag({ version, commit, isChanged, tag }: ReleaseSource): void {
  if (tag === null) return;
  if (tag !== `v${version}`)
    throw new Error(`the tag is ${tag}, and package.json has the version ${version}`);
  if (isChanged) throw new Error(`files differ from the commit ${commit} of the tag`);
}

const NO_URL = 'release_url=""';

/** install.sh with the address of the release that it belongs to, where there is one. */
export function installerFor(script: string, { tag, repository }: ReleaseSource): string {
  if (!script.includes(NO_URL)) throw new Error(`install.sh has no line ${NO_URL}`);
  if (tag === null || repository === null) return script;
  return script.replace(NO_URL, `release_url="${repository}/releases/download/${tag}"`);
}

export function describeProvenance(
  { version, commit, tag, repository, run }: ReleaseSource,
  files: readonly ReleasedFile[],
  { targets, lockfile }: Readonly<{ targets: readonly string[]; lockfile: Uint8Array }>,
): Uint8Array {
  return canonicalJsonBytes({
    _type: "https://in-toto.io/Statement/v1",
    subject: files.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:jejakekal:release:1",
        externalParameters: { tag, targets, version },
        internalParameters: {},
        resolvedDependencies: [
          {
            uri: repository === null ? "urn:jejakekal:source" : `git+${repository}`,
            digest: { gitCommit: commit },
          },
          {
            name: "package-lock.json",
            digest: { sha256: createHash("sha256").update(lockfile).digest("hex") },
          },
        ],
      },
      runDetails: {
        builder: {
          id:
            repository === null ? "urn:jejakekal:local-build" : `${repository}/.github/workflows/release.yml`,
        },
        ...(run !== null && { metadata: { invocationId: run } }),
      },
    },
  });
}
