import { artifactPathOf, ENVELOPE, PAYLOAD_MANIFEST, TAG_MANIFEST } from "../layout.ts";
import type { BundleValues } from "../shapes.ts";
import { textOf } from "./facts.tsx";
import { artifactInWords } from "./words.ts";

export function Artifacts({ values: { artifacts } }: Readonly<{ values: BundleValues }>): JSX.Element {
  return (
    <section>
      <h2>Artifacts</h2>
      <p>
        The files that the run made, with their hashes. <code>artifacts.json</code> has the hashes of what
        each was made from.
      </p>
      <table class="artifacts">
        <thead>
          <tr>
            <th>File</th>
            <th class="number">Bytes</th>
            <th>Media type</th>
            <th>Made by step</th>
            <th>Recipe</th>
          </tr>
        </thead>
        {artifacts.map(({ id, sha256, bytes, media_type, prov }) => (
          <tbody>
            <tr>
              <td>
                <a href={artifactPathOf(id)} safe>
                  {artifactPathOf(id)}
                </a>
              </td>
              <td class="number" safe>
                {String(bytes)}
              </td>
              <td safe>{media_type}</td>
              <td safe>{prov.producer_step}</td>
              <td safe>{[prov.recipe.name, prov.recipe.version ?? ""].map(textOf).join(" ")}</td>
            </tr>
            <tr>
              <td colspan="5">
                <small safe>{artifactInWords(id)}</small>
                <br />
                <code safe>{`sha256 ${sha256}`}</code>
              </td>
            </tr>
          </tbody>
        ))}
      </table>
    </section>
  );
}

const CHECKSUMS: string = `sha256sum -c --strict ${PAYLOAD_MANIFEST}
sha256sum -c --strict ${TAG_MANIFEST}
sha256sum ${TAG_MANIFEST}`;

const SIGNATURE: string = `cd attestations
jq -r .payload run.intoto.jsonl | base64 -d | cmp - statement.json
jq -r '.signatures[0].sig' run.intoto.jsonl | base64 -d > /tmp/signature
{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < statement.json)"; cat statement.json; } > /tmp/signed
openssl pkeyutl -verify -pubin -inkey KEY.pub -rawin -in /tmp/signed -sigfile /tmp/signature`;

export function HowToVerify(): JSX.Element {
  return (
    <section>
      <h2 id="verify">How to verify</h2>
      <p>
        This page shows what the files beside it say; it proves nothing by itself. Check the files, in the
        folder of the bundle, with tools that others made. On macOS <code>shasum -a 256</code> stands for{" "}
        <code>sha256sum</code>.
      </p>
      <pre safe>{CHECKSUMS}</pre>
      <ol>
        <li>The first two commands find a file that is damaged, missing or changed.</li>
        <li>
          The third prints the digest of the bundle. Compare it with the one that you received another way:
          without it, and without a signature, the whole bundle can have been replaced.
        </li>
      </ol>
      <p>
        If the bundle is signed, there is a file <code>{ENVELOPE}</code>. Its signature covers the statement
        beside it, which names the digest of the bundle. <code>KEY.pub</code> is the public key of the signer;
        it must come from a source that you trust, and not with the bundle.
      </p>
      <pre safe>{SIGNATURE}</pre>
      <p>
        <code>jejakekal verify</code> does all of this, and checks the citations and the journal.{" "}
        <code>jejakekal reproduce</code> computes the artifacts again from the document and compares them byte
        by byte. Neither needs the server that made the bundle.
      </p>
      <p>
        Not proven by any of this: that the clocks were right, who held the key, that the document is genuine,
        and what happened after the run had ended.
      </p>
    </section>
  );
}
