/** The fields of a Postgres error or notice that psql shows; positions count characters from 1. */
export interface ServerMessage {
  readonly severity?: string | undefined;
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly internalPosition?: string | undefined;
  readonly internalQuery?: string | undefined;
  readonly where?: string | undefined;
}

/** Prints an error or notice as psql does, with the line of `sql` that it is about; the trailing newline included. */
export function formatServerMessage(message: ServerMessage, sql: string): string {
  const { severity, detail, hint, internalQuery, where } = message;
  const isError = severity !== undefined && /^(ERROR|FATAL|PANIC)$/.test(severity);
  const lines = [
    `${severity}:  ${message.message}`,
    ...pointAt(message, sql),
    ...labelled("DETAIL", detail),
    ...labelled("HINT", hint),
    ...labelled("QUERY", internalQuery),
    ...labelled("CONTEXT", isError ? where : undefined),
  ];
  return `${lines.join("\n")}\n`;
}

function labelled(label: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`${label}:  ${text}`];
}

function pointAt({ position, internalPosition, internalQuery }: ServerMessage, sql: string): string[] {
  if (position !== undefined) return showPosition(sql, Number(position) - 1);
  if (internalPosition !== undefined && internalQuery !== undefined) {
    return showPosition(internalQuery, Number(internalPosition) - 1);
  }
  return [];
}

const MAX_WIDTH = 60;
/** How much is shown after the position at least. */
const RIGHT_CONTEXT = 10;

/** `LINE n: …` and a caret below the character at `offset`; a long line is cut around it. */
function showPosition(sql: string, offset: number): string[] {
  const before = [...sql].slice(0, offset).join("").split(/\r?\n/);
  const line = [...(sql.split(/\r?\n/)[before.length - 1] ?? "")].map((char) => (char === "\t" ? " " : char));
  const column = [...(before.at(-1) ?? "")].length;
  const [from, to] = cutAround(line.length, column);
  const label = `LINE ${before.length}: ${from > 0 ? "..." : ""}`;
  const shown = line.slice(from, to).join("") + (to < line.length ? "..." : "");
  return [label + shown, `${" ".repeat(label.length + column - from)}^`];
}

function cutAround(length: number, column: number): [from: number, to: number] {
  if (length <= MAX_WIDTH) return [0, length];
  if (column + RIGHT_CONTEXT <= MAX_WIDTH) return [0, MAX_WIDTH];
  const to = Math.min(length, column + RIGHT_CONTEXT);
  return [to - MAX_WIDTH, to];
}
