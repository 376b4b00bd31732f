type ChoiceProps = Readonly<{ name: string; value: string; label: string }>;

function Choice({ name, value, label }: ChoiceProps): JSX.Element {
  return (
    <label>
      <input type="radio" name={name} value={value} checked={value === ""} /> {label as "safe"}
    </label>
  );
}

/** Choices that the browser keeps, for its script: theme, zone of times, notifications. An empty value is the default. */
export function DisplayDialog(): JSX.Element {
  return (
    <dialog id="display" aria-labelledby="display-title">
      <h2 id="display-title">Display</h2>
      <form class="choices" method="dialog">
        <fieldset>
          <legend>Theme</legend>
          <Choice name="theme" value="" label="as the system" />
          <Choice name="theme" value="light" label="light" />
          <Choice name="theme" value="dark" label="dark" />
        </fieldset>
        <fieldset>
          <legend>Times</legend>
          <Choice name="time" value="" label="UTC" />
          <Choice name="time" value="local" label="local time" />
        </fieldset>
        <fieldset>
          <legend>Notifications</legend>
          <label>
            <input type="checkbox" name="notify" value="on" /> when the run or batch of an open page ends
          </label>
          <p id="notify-refused" class="quiet" role="status" hidden>
            This browser does not allow notifications from this page.
          </p>
        </fieldset>
        <p class="dialog-form">
          <span class="quiet">Kept in this browser</span>
          <button type="submit">Close</button>
        </p>
      </form>
    </dialog>
  );
}
