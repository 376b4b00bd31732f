import type { Problem } from "./model.ts";

/** What went wrong, in people's words first, the code for whoever looks it up. */
export function ProblemNote({ problem }: { problem: Problem }): JSX.Element {
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
