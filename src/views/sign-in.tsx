import { attribute } from "./attribute.ts";
import type { Problem } from "./model.ts";
import { ProblemNote } from "./problem.tsx";

type SignInProps = Readonly<{
  /** The path of the page that is opened afterwards. */
  next: string;
  problem: Problem | null;
}>;

/** `/ui/sign-in` */
export function SignInPage({ next, problem }: SignInProps): JSX.Element {
  return (
    <main class="sheet">
      <h1>Sign in</h1>
      {problem === null ? null : <ProblemNote problem={problem} />}
      <form class="sign-in" method="post" action="/ui/sign-in">
        <input type="hidden" name="next" value={attribute(next)} />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          required
          autofocus
          spellcheck="false"
          autocomplete="current-password"
        />
        <button type="submit">Sign in</button>
      </form>
      <p class="quiet">
        An administrator makes tokens with <code>jejakekal token new</code>. The session ends after twelve
        hours, when you sign out, or when the token is revoked.
      </p>
    </main>
  );
}
