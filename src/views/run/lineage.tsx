import {
  branchNote,
  type LineageBranch,
  type LineagePicture,
  type LineagePlace,
  lineageInWords,
} from "../../projection/lineage-picture.ts";

/** In CSS pixels: the picture is drawn to scale, and fits a narrow screen. */
const WIDTH = 60;
const HEIGHT = 36;
const STEP_X = 71;
const STEP_Y = 52;
/** Room above the first row for the line that passes over a place. */
const TOP = 12;

/** `.lineage`: what the artifacts and the effect of a run were made from, with its parent above and its forks below. */
export function Lineage({ picture }: Readonly<{ picture: LineagePicture }>): JSX.Element {
  const { places, lines, parent, forks, moreForks } = picture;
  const ownRow = parent === null ? 0 : 1;
  const rows = ownRow + 1 + forks.length;
  const [width, height] = [(places.length - 1) * STEP_X + WIDTH + 2, TOP + (rows - 1) * STEP_Y + HEIGHT + 2];
  return (
    <figure class="lineage">
      <figcaption class="fold-title">Lineage</figcaption>
      <p class="visually-hidden" safe>
        {lineageInWords(picture)}
      </p>
      <svg width={String(width)} height={String(height)} viewBox={`-1 -1 ${width} ${height}`}>
        <title>Lineage</title>
        {lines.map(({ from, to }) => (
          <path class="lineage-line" d={linePath(from, to, ownRow)} />
        ))}
        {forks.map(({ column }, index) => (
          <path class="lineage-line" d={branchPath(column, ownRow, ownRow + 1 + index)} />
        ))}
        {parent === null ? (
          ""
        ) : (
          <Branch id="lineage-parent" branch={{ ...parent, column: 0 }} row={0} word="parent" />
        )}
        {parent === null ? (
          ""
        ) : (
          <path class="lineage-line" d={`M${WIDTH / 2} ${TOP + HEIGHT}v${STEP_Y - HEIGHT}`} />
        )}
        {places.map((place, column) => (
          <Place id={`lineage-${place.label}`} place={place} x={column * STEP_X} y={yOf(ownRow)} />
        ))}
        {forks.map((fork, index) => (
          <Branch id={`lineage-fork-${index}`} branch={fork} row={ownRow + 1 + index} word="fork" />
        ))}
      </svg>
      {moreForks === 0 ? "" : <p class="quiet">The journal names older forks.</p>}
    </figure>
  );
}

function yOf(row: number): number {
  return TOP + row * STEP_Y;
}

/** From a place to the next one, or in an arc over those between. */
function linePath(from: number, to: number, row: number): string {
  const y = yOf(row);
  if (to === from + 1) return `M${from * STEP_X + WIDTH} ${y + HEIGHT / 2}h${STEP_X - WIDTH}`;
  const [x, end] = [from * STEP_X + WIDTH - 10, to * STEP_X + 10];
  return `M${x} ${y}q0 ${-TOP + 2} 12 ${-TOP + 2}H${end - 12}q12 0 12 ${TOP - 2}`;
}

/** From the last place that the fork shares down to the fork; a fork of the whole run begins below its first place. */
function branchPath(column: number, ownRow: number, row: number): string {
  const y = yOf(ownRow) + HEIGHT;
  const middle = yOf(row) + HEIGHT / 2;
  if (column === 0) return `M${WIDTH / 2} ${y}V${yOf(row)}`;
  return `M${(column - 1) * STEP_X + WIDTH / 2} ${y}V${middle}H${column * STEP_X}`;
}

type PlaceProps = Readonly<{ id: string; place: LineagePlace; x: number; y: number }>;

function Place({ id, place, x, y }: PlaceProps): JSX.Element {
  const { label, note, address, state } = place;
  if (address === null) return <Box label={label} note={note} state={state} x={x} y={y} />;
  return (
    <a id={id} href={address}>
      <Box label={label} note={note} state={state} x={x} y={y} />
    </a>
  );
}

type BranchProps = Readonly<{ id: string; branch: LineageBranch; row: number; word: string }>;

function Branch({ id, branch: { runId, column }, row, word }: BranchProps): JSX.Element {
  return (
    <a id={id} href={`/runs/${runId}`}>
      <Box label={word} note={branchNote(runId)} state="branch" x={column * STEP_X} y={yOf(row)} />
    </a>
  );
}

type BoxProps = Readonly<{
  label: string;
  note: string;
  state: LineagePlace["state"] | "branch";
  x: number;
  y: number;
}>;

function Box({ label, note, state, x, y }: BoxProps): JSX.Element {
  const middle = String(x + WIDTH / 2);
  return (
    <>
      <rect
        class="lineage-box"
        data-state={state}
        x={String(x)}
        y={String(y)}
        width={String(WIDTH)}
        height={String(HEIGHT)}
        rx="5"
      />
      <text
        class="lineage-label"
        x={middle}
        y={String(y + (note === "" ? 22 : 15))}
        text-anchor="middle"
        safe
      >
        {label}
      </text>
      {note === "" ? (
        ""
      ) : (
        <text class="lineage-note" x={middle} y={String(y + 28)} text-anchor="middle" safe>
          {note}
        </text>
      )}
    </>
  );
}
