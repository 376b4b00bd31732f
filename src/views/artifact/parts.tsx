import { formatCount } from "../../projection/format.ts";
import type { Part } from "../../projection/text-parts.ts";

type PartsProps = Readonly<{
  parts: readonly Part[];
  /** Element id of the highlight, for `#cited` in an address; undefined when the highlight starts elsewhere. */
  markId: string | undefined;
}>;

/** Text with its cited span highlighted and its omitted parts counted. */
export function Parts({ parts, markId }: PartsProps): JSX.Element {
  return (
    <>
      {parts.map((part) => {
        if (part.kind === "cut") {
          return (
            <span class="cut" data-count={String(part.count)} safe>
              {`… ${formatCount(part.count, "more character")} …`}
            </span>
          );
        }
        if (part.kind === "text") return <span safe>{part.text}</span>;
        return (
          <mark id={markId} safe>
            {part.text}
          </mark>
        );
      })}
    </>
  );
}
