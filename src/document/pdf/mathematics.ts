/** Whether short texts with signs of relation are formulas, as opposed to key figures, arrows between names, and plain words. */

/** Signs of relation and of sums that a displayed formula has and running text hardly has. */
export const RELATION = /[=≤≥≈∼≃≡∈∉⊂⊆∑∏∫∂∇⇔⇒→≠∝]/u;

const FUNCTION =
  "cosh|sinh|tanh|cos|sin|tan|arctan|arcsin|arccos|arg|min|max|lim|sup|inf|log|exp|det|vec|var|cov|cor|sign|diag|tr|trace|rank|prob";

/** Names of functions and words that join formulas, which are longer than names of variables. */
const KNOWN_WORD = new RegExp(`^(?:\\p{L}{1,3}|\\p{L}+\\d\\S*|${FUNCTION}|with|where)$`, "u");

const IS_FUNCTION = new RegExp(`(?<!\\p{L})(?:${FUNCTION})(?!\\p{L})`, "iu");

/** Signs that stand only in formulas, and letters that stand there for variables. */
const SIGN = /[∑∏∫∂∇∈∉⊂⊆≡∝≃∼⇔⇒⊗√∞∥∗⊤′]|(?![µΩ])\p{Script=Greek}/u;

const VARIABLE = /(?<![\p{L}\p{N}])\p{L}\d*(?![\p{L}\p{N}])/u;

/** A sign between what it joins, a function of a variable, a sequence up to a variable, or two relations in a row. */
const OPERATION =
  /[\p{L}\p{N})\]]\s*[-+−±×·*/^|]\s*[\p{L}\p{N}([]|\p{L}\(\s*\p{L}|,\s*(?:\.\s?){3},\s*\p{L}|\p{L}\s?[=≤≥]\s?\p{L}+\s?[=≤≥]\s?\p{L}/u;

/** Two names that are equal, of which one is a variable: `F = ma`. */
const EQUATION =
  /(?<!\p{L})(?:\p{L}\d*\s*[=≤≥≈≠<>]\s*[\d.]*\p{L}{1,2}|\p{L}{1,2}\d*\s*[=≤≥≈≠<>]\s*[\d.]*\p{L})(?!\p{L})/u;

/** One name and one number, with its unit: `x = 5`, `Net = 1,075.21 EUR`. */
const ASSIGNMENT =
  /^[\p{L}\p{N}\s.'’]*[=≈→]\s*[-−+±]?\s*\p{Sc}?\s*\d[\d.,'’]*\s*(?:%|\p{Sc}|°?\p{L}{1,3}|Ω)?[.,;]?$/u;

/** A number with decimals of money, thousands in groups, or a sign of currency. */
const AMOUNT = /(?<![\d.,])\d{1,3}(?:[.,'’]\d{3})+(?!\d)|(?<![.,]\d*)\d[.,]\d{2}(?![\d.,]*\d)|\p{Sc}/u;

/** Names with arrows between them: a way, not a function. */
const WAY = /^[\p{L}\p{N}\s.'’-]+(?:→[\p{L}\p{N}\s.'’-]+)+$/u;

const WORDS = /^[\p{L}\s.,;:!?'’-]+$/u;

/** Whether all words of a text may be names of variables or functions. */
export function isOfShortNames(text: string): boolean {
  const words = text.match(/\p{L}[\p{L}\d]*/gu) ?? [];
  return words.every((word) => KNOWN_WORD.test(word));
}

/** Whether a text says by itself that it is none of a formula. A limit of a sum, such as `i=1`, says so too. */
export function isPlain(text: string): boolean {
  return isAssignment(text) || isOfAmounts(text) || isOfWords(text) || (WAY.test(text) && !SIGN.test(text));
}

/** Whether a text is one number that gets a name. */
export function isAssignment(text: string): boolean {
  return ASSIGNMENT.test(text);
}

function isOfAmounts(text: string): boolean {
  return AMOUNT.test(text) && !VARIABLE.test(text) && !SIGN.test(text);
}

/** Two words or more that no formula has. */
function isOfWords(text: string): boolean {
  if (!WORDS.test(text) || SIGN.test(text)) return false;
  const words = text.match(/\p{L}{2,}/gu) ?? [];
  return words.length >= 2 && words.every((word) => !IS_FUNCTION.test(word));
}

/** Whether a text with a relation shows that it is mathematical: by its signs, operations of variables, or large brackets. */
export function showsMathematics(text: string): boolean {
  if (isPlain(text)) return false;
  if (SIGN.test(text)) return true;
  const hasBracket = /[()[\]{}]/.test(text);
  if (!/\p{L}/u.test(text) || IS_FUNCTION.test(text)) return hasBracket;
  return EQUATION.test(text) || (VARIABLE.test(text) && OPERATION.test(text));
}
