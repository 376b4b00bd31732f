import type { Mark } from "../projection/marks.ts";
import { attribute } from "./attribute.ts";

/** Small labels with an explanation as tooltip. */
export function Marks({ marks }: Readonly<{ marks: readonly Mark[] }>): JSX.Element {
  return (
    <>
      {marks.map(({ word, tone, why }) => (
        <span class="mark" data-tone={tone} title={attribute(why)} safe>
          {word}
        </span>
      ))}
    </>
  );
}
