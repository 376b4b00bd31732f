import type { Code, Construct, Extension, State, Token } from "micromark-util-types";

const DOLLAR = 0x24;
const BACKSLASH = 0x5c;

/** Not in micromark's own list of types. */
const MATH = "math" as Token["type"];
const MATH_TEXT = "mathText" as Token["type"];

/**
 * Formulas between `$` or `$$`, which stand as they are: in `$a_i * b_i$` nothing is emphasis. As on GitHub, an opening
 * `$` has no blank after it, a closing one no blank before it and no digit after it, so `$5 and $10` are amounts.
 */
export function math(): Extension {
  const construct: Construct = {
    name: "math",
    previous(code) {
      return code !== DOLLAR && code !== BACKSLASH;
    },
    tokenize(effects, ok, nok) {
      const context: { mathEnds?: Set<number> } = this as never;
      // Without a closing `$` for one formula there is none for a later one.
      context.mathEnds ??= new Set();
      const withoutEnd = context.mathEnds;
      let size = 0;
      let closing = 0;
      let isAfterBlank = false;
      const open: State = (code) => {
        if (code === DOLLAR && size < 2) {
          size += 1;
          effects.consume(code);
          return open;
        }
        if (code === DOLLAR || withoutEnd.has(size) || (size === 1 && (isEnd(code) || isBlank(code))))
          return nok(code);
        return inside(code);
      };
      const inside: State = (code) => {
        if (code === null) {
          withoutEnd.add(size);
          return nok(code);
        }
        if (code === DOLLAR) return close(code);
        if (isEnd(code)) {
          effects.exit(MATH_TEXT);
          effects.enter("lineEnding");
          effects.consume(code);
          effects.exit("lineEnding");
          effects.enter(MATH_TEXT);
          isAfterBlank = true;
          return inside;
        }
        isAfterBlank = isBlank(code);
        effects.consume(code);
        return code === BACKSLASH ? escaped : inside;
      };
      const escaped: State = (code) => {
        if (code === null || isEnd(code)) return inside(code);
        isAfterBlank = false;
        effects.consume(code);
        return inside;
      };
      const close: State = (code) => {
        if (code === DOLLAR) {
          closing += 1;
          effects.consume(code);
          return close;
        }
        if (closing !== size || (size === 1 && (isAfterBlank || isDigit(code)))) return nok(code);
        effects.exit(MATH_TEXT);
        effects.exit(MATH);
        return ok(code);
      };
      return (code) => {
        effects.enter(MATH);
        effects.enter(MATH_TEXT);
        return open(code);
      };
    },
  };
  return { text: { [DOLLAR]: construct } };
}

/** The parser gives codes below -2 for line endings, -2 and -1 for tabs. */
function isEnd(code: Code): boolean {
  return code !== null && code < -2;
}

function isBlank(code: Code): boolean {
  return code === 0x20 || code === -1 || code === -2;
}

function isDigit(code: Code): boolean {
  return code !== null && code >= 0x30 && code <= 0x39;
}
