/**
 * Copies what stands beside it, and says so. `about` tells those who listen what that is. The text itself is the `code`
 * before the button: where a browser does not let a page copy, the script selects it.
 */
export function CopyButton({ id, text, about }: { id: string; text: string; about: string }): JSX.Element {
  return (
    <button id={id} type="button" class="copy script-only small" data-copy={text}>
      Copy<span class="visually-hidden" safe>{` ${about}`}</span>
    </button>
  );
}

/** A sha256, whole: it is compared and pasted elsewhere. */
export function Hash({ id, sha256 }: { id: string; sha256: string }): JSX.Element {
  return (
    <span class="whole-hash">
      <code safe>{sha256}</code> <CopyButton id={id} text={sha256} about="sha256" />
    </span>
  );
}
