const HIDDEN = new Set(["level", "time", "msg"]);

/** A line of the JSON log for a person at a terminal: the time of day, the level, the message, and the fields. */
export function prettyLine(json: string): string {
  const entry: Record<string, unknown> = JSON.parse(json);
  const fields = Object.entries(entry)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const time = String(entry.time).slice(11, 23);
  return `${[time, String(entry.level).padEnd(5), String(entry.msg), ...fields].join(" ")}\n`;
}
