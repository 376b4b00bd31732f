import { artifactPathOf, ENVELOPE, PAYLOAD_MANIFEST, TAG_MANIFEST } from "../layout.ts";
import type { BundleValues } from "../shapes.ts";
import { textOf } from "./facts.tsx";

export function Artifacts({ values: { artifacts } }: Readonly<{ values: BundleValues }>): JSX.Element {
  return (
    <section>
      <h2>Artifacts</h2>
      <table>
        <thead>
          <tr>
            <th>File and sha256</th>
            <th class="number">Bytes</th>
            <th>Media type</th>
            <th>Made by</th>
          </tr>
        </thead>
        <tbody>
          {artifacts.map(({ id, sha256, bytes, media_type, prov }) => (
            <tr>
              <td>
                <a href={artifactPathOf(id)} safe>
                  {artifactPathOf(id)}
                </a>
                <br />
                <code safe>{sha256}</code>
              </td>
              <td class="number" safe>
                {String(bytes)}
              </td>
              <td safe>{media_type}</td>
              <td
                safe
              >{`${prov.producer_step}, ${textOf(prov.recipe.name)} ${textOf(prov.recipe.version ?? "")}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function HowToVerify(): JSX.Element {
  const attestation =
    "jq -r .payload attestations/run.intoto.jsonl | base64 -d | cmp - attestations/statement.json";
  return (
    <section>
      <h2>How to verify</h2>
      <p>
        This page shows what the files beside it say; it proves nothing by itself. In the folder of the
        bundle, with tools of any Linux or macOS:
      </p>
      <pre>{`sha256sum -c ${PAYLOAD_MANIFEST}\nsha256sum -c ${TAG_MANIFEST}\nsha256sum ${TAG_MANIFEST}\n${attestation}`}</pre>
      <ol>
        <li>The first two commands find a file that is damaged, missing or changed.</li>
        <li>The third prints the digest of the bundle: compare it with one that you received another way.</li>
        <li>
          The fourth is for a signed bundle: what <code>{ENVELOPE}</code> signs is the statement beside it.
        </li>
      </ol>
      <p>
        <code>jejakekal verify</code> does all of this and checks the signature, the citations and the
        journal. <code>jejakekal reproduce</code> computes the artifacts again from the document. Neither
        needs the server that made the bundle.
      </p>
    </section>
  );
}
