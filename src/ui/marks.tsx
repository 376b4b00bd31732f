import type { Mark } from "../projection/marks.ts";

export function Marks({ marks }: { marks: readonly Mark[] }): JSX.Element {
  return (
    <>
      {marks.map(({ word, tone, why }) => (
        <span class="mark" data-tone={tone} title={why} safe>
          {word}
        </span>
      ))}
    </>
  );
}

/** A sha256, short to read and whole to copy. */
export function Hash({ sha256, href }: { sha256: string; href?: string | undefined }): JSX.Element {
  const code = (
    <code class="hash" title={`sha256 ${sha256}`} data-copy={sha256} safe>
      {sha256.slice(0, 12)}
    </code>
  );
  return href === undefined ? code : <a href={href}>{code as "safe"}</a>;
}
