import { formatAgo, formatClock, formatInstant, formatMoment } from "../projection/format.ts";

/** `form`: as the function of that name writes it; `second` is an instant up to its second. */
type MomentProps = Readonly<{ epochMs: number }> &
  (Readonly<{ form: "instant" | "second" | "clock" }> | Readonly<{ form: "moment"; nowEpochMs: number }>);

/** A time in UTC. The script writes it in local time for a reader who chose that. */
export function Moment(props: MomentProps): JSX.Element {
  return (
    <time datetime={new Date(props.epochMs).toISOString()} data-time={props.form} safe>
      {textOf(props)}
    </time>
  );
}

function textOf(props: MomentProps): string {
  const { epochMs, form } = props;
  if (form === "moment") return formatMoment(epochMs, props.nowEpochMs);
  if (form === "clock") return formatClock(epochMs);
  return form === "second" ? formatInstant(epochMs).slice(0, 19) : formatInstant(epochMs);
}

/** The zone of the time beside it. That of local times changes with the season, so the script needs the time. */
export function Zone({ epochMs }: Readonly<{ epochMs: number }>): JSX.Element {
  return <span data-zone={new Date(epochMs).toISOString()}>UTC</span>;
}

type AgoProps = Readonly<{ epochMs: number; nowEpochMs: number }>;

/** How long ago a time was; the time itself is its title. */
export function Ago({ epochMs, nowEpochMs }: AgoProps): JSX.Element {
  return (
    <time datetime={new Date(epochMs).toISOString()} title={`${formatInstant(epochMs)} UTC`} safe>
      {formatAgo(epochMs, nowEpochMs)}
    </time>
  );
}
