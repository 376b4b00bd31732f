import { attribute } from "./attribute.ts";

type CopyProps = Readonly<{
  id: string;
  text: string;
  /** What is copied, for screen readers. */
  about: string;
}>;

/**
 * Copies `text` to the clipboard and confirms it. The `code` element before the button holds the same text: the script
 * selects it where the browser refuses access to the clipboard.
 */
export function CopyButton({ id, text, about }: CopyProps): JSX.Element {
  return (
    <button id={id} type="button" class="copy script-only small" data-copy={attribute(text)}>
      Copy<span class="visually-hidden" safe>{` ${about}`}</span>
    </button>
  );
}

/** A full sha256 with a copy button. */
export function Hash({ id, sha256 }: Readonly<{ id: string; sha256: string }>): JSX.Element {
  return (
    <span class="whole-hash">
      <code safe>{sha256}</code> <CopyButton id={id} text={sha256} about="sha256" />
    </span>
  );
}
