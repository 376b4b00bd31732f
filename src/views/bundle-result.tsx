import type { CheckResult, Finding } from "../bundle/verify/check.ts";
import type { Outcome } from "../bundle/verify/verify.ts";
import type { BundleModel } from "./model.ts";

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  sound: "This bundle verifies",
  altered: "This bundle was altered",
  unsigned: "The signature of this bundle is missing or wrong",
};

const MARKS = { passed: "✓", failed: "✗", skipped: "–" } as const;

/** A check names this many places at most; `jejakekal verify --json` has all of them. */
const MAX_LISTED = 20;

/** `#bundle-result`: what the checks of `jejakekal verify` found, above the planes. Open when one has failed. */
export function BundleResult({ bundle }: Readonly<{ bundle: BundleModel }>): JSX.Element {
  const { path, verification } = bundle;
  const { outcome, bundleDigest, checks } = verification;
  const passed = checks.filter(({ result }) => result === "passed").length;
  return (
    <details id="bundle-result" class="bundle-result" data-outcome={outcome} open={outcome !== "sound"}>
      <summary>
        <strong safe>{OUTCOMES[outcome]}</strong>{" "}
        <span class="quiet" safe>
          {`${passed} of ${checks.length} checks passed. Read from ${path} alone; nothing can be changed here.`}
        </span>
      </summary>
      <p>
        sha256 of the bundle <code safe>{bundleDigest ?? "unknown"}</code>
      </p>
      <ul>
        {checks.map((check) => (
          <Check check={check} />
        ))}
      </ul>
    </details>
  );
}

function Check({ check: { check, result, says, findings } }: Readonly<{ check: CheckResult }>): JSX.Element {
  const words = result === "failed" ? "" : result === "skipped" ? `not made: ${says}` : says;
  return (
    <li data-result={result}>
      <span aria-hidden="true">{MARKS[result]}</span> <b>{check}</b> <span safe>{words}</span>
      {findings.length === 0 ? "" : <Findings findings={findings} />}
    </li>
  );
}

function Findings({ findings }: Readonly<{ findings: readonly Finding[] }>): JSX.Element {
  return (
    <ul>
      {findings.slice(0, MAX_LISTED).map(({ file, field, reason }) => (
        <li safe>{[file, field, reason].filter(Boolean).join(" ")}</li>
      ))}
      {findings.length > MAX_LISTED ? <li safe>{`and ${findings.length - MAX_LISTED} more`}</li> : ""}
    </ul>
  );
}
