import type { Box, Rule } from "./page-content.ts";
import { type Matrix, multiply } from "./page-text.ts";

/** The numbers of the operators of pdf.js that move, draw or show something. */
export type Operators = Readonly<Record<string, number>>;
export type OperatorList = Readonly<{ fnArray: readonly number[]; argsArray: readonly unknown[] }>;

export type Shapes = { rules: Rule[]; dots: Box[]; hasPicture: boolean };

/** Of a page with more shapes, which is a drawing or a map, the rest is left out. */
const MAX_SHAPES = 20_000;

const MAX_RULE_WIDTH = 300;
const MIN_RULE_LENGTH = 400;
const MAX_DOT = 900;
const MIN_DOT = 100;

/** A picture covers at least this part of the page, or a drawing has so many shapes. */
const PICTURE_SHARE = 0.02;
const DRAWING_SHAPES = 40;

/** How many coordinates follow each command of a path, by its number in pdf.js. */
const COORDINATES = [2, 2, 6, 4, 0];
const CLOSE = 4;

/** Reads lines, dots and pictures from the operators of a page. Pictures themselves are not decoded: only their place is known. */
export function readShapes(
  { fnArray, argsArray }: OperatorList,
  ops: Operators,
  toPage: Matrix,
  page: Readonly<{ w: number; h: number }>,
): Shapes {
  const shapes: Shapes = { rules: [], dots: [], hasPicture: false };
  const saved: Matrix[] = [];
  let matrix = toPage;
  let drawn = 0;
  const isPainted = new Set(
    ["fill", "eoFill", "stroke", "closeStroke", "fillStroke", "eoFillStroke", "closeFillStroke"].map(
      (name) => ops[name],
    ),
  );
  const isStroked = new Set(["stroke", "closeStroke"].map((name) => ops[name]));
  for (const [index, fn] of fnArray.entries()) {
    const args = argsArray[index];
    if (fn === ops.save) saved.push(matrix);
    else if (fn === ops.restore) matrix = saved.pop() ?? matrix;
    else if (fn === ops.transform && Array.isArray(args)) {
      matrix = multiply(matrix, args as number[]);
      // The library leaves pictures out, so that it need not decode them: nothing comes between their matrix and its end.
      const next = fnArray[index + 1];
      if (next === ops.restore || next === undefined) shapes.hasPicture ||= isPicture(matrix, page);
    } else if (fn === ops.paintFormXObjectBegin && Array.isArray(args)) {
      saved.push(matrix);
      if (args[0] !== null) matrix = multiply(matrix, Array.from(args[0] as ArrayLike<number>));
    } else if (fn === ops.paintFormXObjectEnd) matrix = saved.pop() ?? matrix;
    else if (fn === ops.constructPath && Array.isArray(args) && isPainted.has(args[0] as number)) {
      const path = (args[1] as readonly (ArrayLike<number> | null)[])[0];
      if (path === null || path === undefined || drawn >= MAX_SHAPES) continue;
      for (const subpath of subpathsOf(path, matrix)) {
        drawn += 1;
        addShape(shapes, subpath, isStroked.has(args[0] as number));
      }
    }
  }
  shapes.hasPicture ||= drawn - shapes.rules.length >= DRAWING_SHAPES;
  return shapes;
}

type Subpath = { points: [number, number][]; isCurved: boolean };

function* subpathsOf(path: ArrayLike<number>, m: Matrix): Generator<Subpath> {
  let current: Subpath = { points: [], isCurved: false };
  for (let at = 0; at < path.length; ) {
    const command = path[at] ?? CLOSE;
    const count = COORDINATES[command] ?? 0;
    const start = at + 1;
    at = start + count;
    if (command === 0) {
      if (current.points.length > 1) yield current;
      current = { points: [], isCurved: false };
    }
    if (command === CLOSE && current.points[0]) current.points.push(current.points[0]);
    current.isCurved ||= command === 2 || command === 3;
    // The points that bend a curve stand for how far it reaches.
    for (let place = start; place + 1 < at; place += 2) {
      const [x = 0, y = 0] = [path[place], path[place + 1]];
      current.points.push([Math.round(m[0] * x + m[2] * y + m[4]), Math.round(m[1] * x + m[3] * y + m[5])]);
    }
  }
  if (current.points.length > 1) yield current;
}

function addShape({ rules, dots }: Shapes, { points, isCurved }: Subpath, isStroked: boolean): void {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const box: Box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const [width, height] = [box[2] - box[0], box[3] - box[1]];
  if (Math.max(width, height) <= MAX_DOT) {
    const isSquare = Math.min(width, height) * 8 >= Math.max(width, height) * 5;
    if (isSquare && Math.min(width, height) >= MIN_DOT) dots.push(box);
    return;
  }
  if (!isStroked || isCurved || points.length > 6) {
    addRule(rules, box);
    return;
  }
  for (let index = 1; index < points.length; index += 1) {
    const [[x, y], [x2, y2]] = [points[index - 1] ?? [0, 0], points[index] ?? [0, 0]];
    addRule(rules, [Math.min(x, x2), Math.min(y, y2), Math.max(x, x2), Math.max(y, y2)]);
  }
}

function addRule(rules: Rule[], [left, top, right, bottom]: Box): void {
  const [width, height] = [right - left, bottom - top];
  if (height <= MAX_RULE_WIDTH && width >= MIN_RULE_LENGTH && width > 3 * height) {
    rules.push({ isHorizontal: true, at: (top + bottom) >> 1, from: left, to: right });
  } else if (width <= MAX_RULE_WIDTH && height >= MIN_RULE_LENGTH && height > 3 * width) {
    rules.push({ isHorizontal: false, at: (left + right) >> 1, from: top, to: bottom });
  }
}

/** The unit square under this matrix, which is where a picture is drawn, covers a part of the page. */
export function isPicture([a, b, c, d]: Matrix, { w, h }: Readonly<{ w: number; h: number }>): boolean {
  return Math.abs(a * d - b * c) >= PICTURE_SHARE * w * h;
}
