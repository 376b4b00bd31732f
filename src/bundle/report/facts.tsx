/** A list of names with their values. */
export function Facts({
  facts,
}: Readonly<{ facts: readonly (readonly [name: string, value: string])[] }>): JSX.Element {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <>
          <dt safe>{name}</dt>
          <dd>
            <bdi safe>{value}</bdi>
          </dd>
        </>
      ))}
    </dl>
  );
}

/** Text as it is, other values as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** A moment as `2026-01-02 03:04:05.678`, in UTC. The epoch for a number that is no time. */
export function utcOf(epochMs: number): string {
  const date = new Date(epochMs);
  const iso = (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
  return iso.replace("T", " ").replace("Z", "");
}
