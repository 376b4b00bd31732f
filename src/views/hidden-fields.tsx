import { attribute } from "./attribute.ts";

/** Keeps the filters of a page in a form. An empty value is no filter. */
export function HiddenFields({
  fields,
}: Readonly<{ fields: Readonly<Record<string, string>> }>): JSX.Element {
  return (
    <>
      {Object.entries(fields).map(([name, value]) =>
        value === "" ? "" : <input type="hidden" name={name} value={attribute(value)} />,
      )}
    </>
  );
}
