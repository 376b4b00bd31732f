/** The fields of a Postgres error or notice that psql prints; a position counts characters from 1. */
export interface ServerMessage {
  readonly severity?: string | undefined;
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly where?: string | undefined;
}

/** An error or notice as psql prints it, with the line of `sql` that it is about and the newline at the end. */
export function formatServerMessage(message: ServerMessage, sql: string): string {
  const { severity, detail, hint, position, where } = message;
  const isError = severity !== undefined && /^(ERROR|FATAL|PANIC)$/.test(severity);
  const lines = [
    `${severity}:  ${message.message}`,
    ...(position === undefined ? [] : showPosition(sql, Number(position) - 1)),
    ...labelled("DETAIL", detail),
    ...labelled("HINT", hint),
    ...labelled("CONTEXT", isError ? where : undefined),
  ];
  return `${lines.join("\n")}\n`;
}

function labelled(label: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`${label}:  ${text}`];
}

const MAX_WIDTH = 60;
/** The least number of characters that are shown after the position. */
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
