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
