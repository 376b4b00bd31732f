import type { Problem } from "./model.ts";

/** A failure: the message first, then the code and the details for a bug report or a search. */
export function ProblemNote({ problem }: Readonly<{ problem: Problem }>): JSX.Element {
  const facts = Object.entries(problem.detail).filter(([, value]) => value !== "");
  return (
    <div class="problem" data-code={problem.code}>
      <p class="problem-message" safe>
        {problem.message}
      </p>
      <p class="problem-facts">
        <code safe>{problem.code}</code>
        {facts.map(([name, value]) => (
          <span>
            <span class="quiet" safe>
              {name}
            </span>{" "}
            <code safe>{typeof value === "string" ? value : JSON.stringify(value)}</code>
          </span>
        ))}
      </p>
    </div>
  );
}
