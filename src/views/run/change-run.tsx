import { attribute } from "../attribute.ts";

export type ChangeVerb = "cancel" | "resume";

type Words = Readonly<{ label: string; question: string; effect: string; yes: string; no: string }>;

const WORDS: Readonly<Record<ChangeVerb, Words>> = {
  cancel: {
    label: "Cancel",
    question: "Cancel this run?",
    effect: "Its completed steps are kept, and it can be resumed later.",
    yes: "Cancel the run",
    no: "Let it run",
  },
  resume: {
    label: "Resume",
    question: "Resume this run?",
    effect: "It continues after its last completed step.",
    yes: "Resume the run",
    no: "Leave it",
  },
};

type ChangeProps = Readonly<{ runId: string; verb: ChangeVerb }>;

/** Opens the dialog that asks for the reason. Without a script it opens the same form as a page. */
export function ChangeButton({ runId, verb }: ChangeProps): JSX.Element {
  const address = `/ui/runs/${runId}/${verb}`;
  return (
    <form
      class="change"
      method="get"
      action={address}
      hx-get={address}
      hx-target="#change-body"
      hx-swap="innerHTML"
      hx-sync="this:drop"
    >
      <button id={`act-${verb}`} class={verb === "resume" ? "primary" : undefined} type="submit">
        {WORDS[verb].label as "safe"}
      </button>
    </form>
  );
}

/** Empty until a change is asked for. */
export function ChangeDialog(): JSX.Element {
  return (
    <dialog id="change" aria-labelledby="change-title">
      <div id="change-body"></div>
    </dialog>
  );
}

type ChangeFormProps = ChangeProps & Readonly<{ title: string; heading: "h1" | "h2" }>;

/**
 * Asks for the reason of a change, which is optional. `h2`: for the dialog of a page that shows the run, whose fragments the
 * answer replaces. `h1`: for a page of its own, which the browser leaves for that of the run.
 */
export function ChangeForm({ runId, verb, title, heading: Heading }: ChangeFormProps): JSX.Element {
  const { question, effect, yes, no } = WORDS[verb];
  const address = `/ui/runs/${runId}/${verb}`;
  const htmx = { "hx-post": address, "hx-swap": "none", "hx-sync": "this:drop" } as const;
  return (
    <form class="change-form" method="post" action={address} {...(Heading === "h2" ? htmx : {})}>
      <Heading id="change-title">{question as "safe"}</Heading>
      <p>
        <bdi safe>{title}</bdi>
      </p>
      <p class="quiet">{effect as "safe"}</p>
      <label for="change-reason">Reason, kept in the journal</label>
      <input id="change-reason" name="reason" maxlength="200" placeholder="Not required" autofocus />
      <p class="dialog-form">
        <a class="button" id="change-no" href={attribute(`/runs/${runId}`)} data-closes="change">
          {no as "safe"}
        </a>
        <button type="submit" class="primary" id="change-yes">
          {yes as "safe"}
        </button>
      </p>
    </form>
  );
}
