import { romanNumeral } from "../roman-numeral.ts";

/** Elements that begin and end a line of their own. */
export const BLOCK_ELEMENTS: ReadonlySet<string> = new Set(
  (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p plaintext pre search section " +
    "select summary table tbody td textarea tfoot th thead title tr ul xmp"
  ).split(" "),
);

/** Elements with no text for readers. `head` is not among them, because of its title. */
export const SILENT_ELEMENTS: ReadonlySet<string> = new Set(
  "script style template iframe noembed noframes rp annotation annotation-xml datalist".split(" "),
);

/** Elements whose content is shown only where what they embed is not. */
export const FALLBACK_ELEMENTS: ReadonlySet<string> = new Set(
  "noscript object audio video canvas".split(" "),
);

export const PREFORMATTED_ELEMENTS: ReadonlySet<string> = new Set(["pre", "listing", "xmp", "plaintext"]);

/** The marker that a browser shows before the nth item of an ordered list. */
export function markerOf(type: string, n: number): string {
  if (n > 0 && type.toLowerCase() === "a") return `${inCase(type, lettersOf(n))}.`;
  if (type.toLowerCase() === "i") return `${inCase(type, romanNumeral(n))}.`;
  return `${n}.`;
}

function inCase(type: string, marker: string): string {
  return type === type.toUpperCase() ? marker.toUpperCase() : marker;
}

/** a to z, then aa, ab and so on. */
function lettersOf(n: number): string {
  let letters = "";
  for (let rest = n; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters;
  return letters;
}
