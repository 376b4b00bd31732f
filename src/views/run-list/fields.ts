import { addressOf } from "../../projection/page-params.ts";

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

export const EMPTY_RUN_FIELDS: RunListFields = {
  q: "",
  status: "",
  type: "",
  has: "",
  from: "",
  to: "",
  order: "",
};

/** The address of the list with these filters. */
export function runListAddress(fields: RunListFields, before: string | null = null): string {
  return addressOf("/runs", [...Object.entries(fields), ["before", before]]);
}
