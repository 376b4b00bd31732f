import { formatCount, formatDuration, shortRunId } from "../../projection/format.ts";
import type { DayState, OverviewRunView, OverviewView } from "../../projection/overview-view.ts";
import { Ago } from "../moment.tsx";
import { StateMark } from "../state-mark.tsx";

const REFRESH_S = 20;

/** `#overview`: what a page shows while no run is chosen. */
export function Overview({ overview }: Readonly<{ overview: OverviewView }>): JSX.Element {
  const { all, day, hours, oldest_unfinished, last_failures, steps, at } = overview;
  return (
    <section
      id="overview"
      class="overview-pane"
      aria-labelledby="overview-title"
      hx-get="/ui/overview"
      hx-trigger={`runs-changed from:body, every ${REFRESH_S}s`}
      hx-swap="outerHTML"
    >
      <h3 id="overview-title" class="visually-hidden">
        Overview
      </h3>
      <ul class="counts">
        <Count count={all.running} word="running" address="/runs?status=running" note="now" />
        <Count
          count={all.failed + all.cancelled}
          word="failed or cancelled"
          address="/runs?status=error"
          note={`${day.failed + day.cancelled} in 24 h`}
        />
        <Count count={day.done} word="done" address="/runs?status=done" note="in 24 h" />
        <Count count={all.runs} word="in all" address="/runs" note={`${day.runs} in 24 h`} />
      </ul>
      <Strip hours={hours} />
      <RunList title="Longest unfinished" runs={oldest_unfinished} at={at} />
      <RunList title="Last failures" runs={last_failures} at={at} />
      <Steps steps={steps} />
    </section>
  );
}

type CountProps = Readonly<{ count: number; word: string; address: string; note: string }>;

function Count({ count, word, address, note }: CountProps): JSX.Element {
  return (
    <li>
      <a href={address}>
        <b safe>{count.toLocaleString("en")}</b> <span safe>{word}</span>{" "}
        <span class="quiet" safe>
          {note}
        </span>
      </a>
    </li>
  );
}

/** In the order in which they are stacked, from the ground. */
const STACK: readonly DayState[] = ["done", "running", "cancelled", "failed", "unknown"];

/** The runs of the last 24 hours, one bar for each hour. */
function Strip({ hours }: Pick<OverviewView, "hours">): JSX.Element {
  const totals = hours.map((hour) => STACK.reduce((sum, state) => sum + hour[state], 0));
  const most = Math.max(1, ...totals);
  return (
    <figure class="strip">
      <svg
        viewBox={`0 0 ${hours.length * 10} 40`}
        preserveAspectRatio="none"
        width="100%"
        height="40"
        aria-hidden="true"
      >
        {hours.map((hour, index) => {
          let y = 40;
          return STACK.map((state) => {
            const height = Math.round((hour[state] / most) * 380) / 10;
            y -= height;
            return height === 0 ? (
              ""
            ) : (
              <rect
                class={`share-${state}`}
                x={String(index * 10 + 1)}
                y={String(y)}
                width="8"
                height={String(height)}
              />
            );
          });
        })}
      </svg>
      <figcaption>
        <span>24 h ago</span>
        <span safe>{`at most ${formatCount(most, "run")} an hour`}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

type RunListProps = Readonly<{ title: string; runs: readonly OverviewRunView[]; at: number }>;

function RunList({ title, runs, at }: RunListProps): JSX.Element {
  if (runs.length === 0) return "";
  return (
    <section>
      <h4 class="fold-title" safe>
        {title}
      </h4>
      <ul class="run-list">
        {runs.map(({ run_id, status, dbos_status, title: name, error, created_at }) => (
          <li>
            <StateMark status={status} dbosStatus={dbos_status} />
            <a href={`/runs/${run_id}`} dir="auto" safe>
              {name ?? shortRunId(run_id)}
            </a>{" "}
            <span class="quiet" safe>
              {error?.message ?? dbos_status}
            </span>{" "}
            <Ago epochMs={created_at} nowEpochMs={at} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Steps({ steps }: Pick<OverviewView, "steps">): JSX.Element {
  if (steps.length === 0) return "";
  return (
    <table class="list-table steps-table">
      <caption class="fold-title">How long steps take</caption>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">Half within</th>
          <th scope="col">95 % within</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ name, p50_ms, p95_ms }) => (
          <tr>
            <td safe>{name}</td>
            <td safe>{formatDuration(p50_ms)}</td>
            <td safe>{formatDuration(p95_ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
