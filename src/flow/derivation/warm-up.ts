import { loadTokenizer } from "../../document/index.ts";
import { sha256Hex } from "../../sha256.ts";
import { type Derivation, deriveAll } from "./derive.ts";

const MEDIA_TYPE = "text/markdown";

/** A document that has something of each kind. */
const SAMPLE =
  "# Sample\n\n## Part\n\nOn 1 May 2024 *412* ships paid $125. See [this](x).\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n";

/** After so many documents the engine has compiled what a page needs. */
const INLINE_SAMPLES = 4;

/** The first derivation of a document that is `copies` times the sample, and its input. */
export function sampleDerivation(copies: number): Readonly<{ derivation: Derivation; input: Uint8Array }> {
  const input = Buffer.from(SAMPLE.repeat(copies));
  const sha256 = sha256Hex(input);
  const args = { source_sha256: sha256, media_type: MEDIA_TYPE };
  return { derivation: { artifact: "docir", from: [sha256], args }, input };
}

/**
 * Loads the tokenizer and derives samples in this process, which takes a fifth of a second. Without that, the first documents take
 * longer than a derivation may take in this process, and each starts a child process.
 */
export async function warmUpDerivation(): Promise<void> {
  await loadTokenizer();
  for (let sample = 1; sample <= INLINE_SAMPLES; sample += 1) {
    // The start of the database, which goes on at the same time, has its turn.
    await new Promise((resolve) => setImmediate(resolve));
    await deriveAll(Buffer.from(SAMPLE), MEDIA_TYPE);
  }
}
