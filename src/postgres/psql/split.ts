/**
 * One token of SQL, as far as finding the semicolons between statements goes: a comment, a quoted string or identifier, a
 * dollar-quoted string, a word, or any other character. What is opened and never closed runs to the end. Of a block
 * comment only the opening is matched: block comments nest, which a regular expression cannot follow.
 */
const TOKEN =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|\\.|'')*(?:'|$)|'[^']*(?:'|$)|"[^"]*(?:"|$)|\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$.*?(?:\$\k<tag>\$|$)|[\w\u0080-\uffff$]+|./gs;

/**
 * Splits a script into the statements that psql would send one by one, each with its semicolon and without the space
 * and line comments before it. Semicolons in brackets and in a `begin atomic … end` body do not end a statement.
 */
export function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let statement = "";
  let nesting = new Nesting();
  for (const token of tokenize(script)) {
    if (statement !== "" || !/^(\s|--)/.test(token)) statement += token;
    if (!/^(\s|--|\/\*)/.test(token)) nesting.see(token.toLowerCase());
    if (token === ";" && nesting.isOutermost) {
      statements.push(statement);
      statement = "";
      nesting = new Nesting();
    }
  }
  if (statement !== "") statements.push(statement.trimEnd());
  return statements;
}

function* tokenize(script: string): Generator<string> {
  const token = new RegExp(TOKEN);
  for (let match = token.exec(script); match !== null; match = token.exec(script)) {
    if (match[0] === "/*") token.lastIndex = findCommentEnd(script, match.index);
    yield script.slice(match.index, token.lastIndex);
  }
}

function findCommentEnd(script: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(script); match !== null; match = edge.exec(script)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return script.length;
}

/** How deep in brackets and in the body of an SQL function a statement is. */
class Nesting {
  #brackets = 0;
  #blocks = 0;
  #previous = "";

  get isOutermost(): boolean {
    return this.#brackets === 0 && this.#blocks === 0;
  }

  see(token: string): void {
    if (token === "(") this.#brackets += 1;
    if (token === ")") this.#brackets = Math.max(0, this.#brackets - 1);
    if (this.#blocks === 0 && this.#previous === "begin" && token === "atomic") this.#blocks = 1;
    else if (this.#blocks > 0 && token === "case") this.#blocks += 1;
    else if (this.#blocks > 0 && token === "end") this.#blocks -= 1;
    this.#previous = token;
  }
}
