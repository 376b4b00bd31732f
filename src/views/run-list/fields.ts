import { addressAttribute } from "../attribute.ts";

/** The filters of the page, which are those of `GET /runs`. An empty value is no filter. */
export type RunListFields = Readonly<{
  q: string;
  status: string;
  type: string;
  has: string;
  from: string;
  to: string;
  order: string;
}>;

export type FieldsProps = Readonly<{ fields: RunListFields }>;

export const EMPTY_RUN_FIELDS: RunListFields = {
  q: "",
  status: "",
  type: "",
  has: "",
  from: "",
  to: "",
  order: "",
};

/** The address of the list with these filters, for an attribute. */
export function runListAddress(fields: RunListFields, before: string | null = null): string {
  return addressAttribute("/runs", [...Object.entries(fields), ["before", before]]);
}
