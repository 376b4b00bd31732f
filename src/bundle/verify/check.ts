/** What is wrong, and where: a file of the bundle, and within it a JSON pointer or the name of a field. */
export type Finding = Readonly<{ file: string; field?: string; reason: string }>;

/** The checks, in the order in which they are made, with what each says when it finds nothing. */
export const CHECKS = {
  container: "every file has a safe name, and the container holds nothing else",
  files: "every file of a bundle is there, and no other",
  checksums: "both manifests list every file with its sha256",
  canonical: "every JSON file is canonical and has no key twice",
  shapes: "every JSON file has the shape of its schema",
  artifacts: "artifacts.json, the files under data/ and the steps have the same hashes",
  derived: "every file that follows from others does",
  journal: "the chain of the journal holds",
  citations: "every citation resolves, and its quote is in the document",
  statement: "the statement is about this bundle",
  signature: "the signature is by the key that was given",
} as const;

export type CheckName = keyof typeof CHECKS;

/** `skipped`: what the check reads was found wrong before. */
export type CheckResult = Readonly<{
  check: CheckName;
  result: "passed" | "failed" | "skipped";
  /** In words, for a check that passed or was skipped. */
  says: string;
  findings: readonly Finding[];
}>;
