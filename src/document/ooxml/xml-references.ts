import { RunFailure } from "../../failure.ts";

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** The text with its references replaced. Throws RunFailure FAILED_CORRUPT for one that XML does not have without a declaration. */
export function readReferences(text: string): string {
  return text.includes("&") ? text.replace(/&([^;]*)(;?)/g, readReference) : text;
}

/** A character reference, or one of the five entities that need no declaration. */
function readReference(_: string, name: string, end: string): string {
  const entity = ENTITIES.get(name);
  if (entity !== undefined && end !== "") return entity;
  const [, hexadecimal, decimal] = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name) ?? [];
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  if (end === "" || !isCharacter(code)) throw new RunFailure("FAILED_CORRUPT");
  return String.fromCodePoint(code);
}

function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
