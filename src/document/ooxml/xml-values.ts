/** A property of the type ST_OnOff, which is on where its value is missing. */
export function isOn(value: string | undefined): boolean {
  return value === undefined || !["0", "false", "off", "none"].includes(value);
}

/** A level or count between 0 and `most`; 0 for what is no number. */
export function clampLevel(value: string | undefined, most: number): number {
  return Math.min(Math.max(Math.trunc(Number(value)) || 0, 0), most);
}
