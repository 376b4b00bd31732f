import { type BundleFile, REPORT } from "../layout.ts";
import type { BundleValues } from "../shapes.ts";
import { Artifacts, HowToVerify } from "./evidence-sections.tsx";
import { Memo, Review } from "./memo-sections.tsx";
import type { ReportMemo } from "./report-memo.ts";
import { Effects, Journal, Outcome, Request, Timeline } from "./run-sections.tsx";
import { REPORT_CSS } from "./style.ts";

/** The layout of the report, which is raised with every change of its bytes. */
const REPORT_LAYOUT = "jejakekal.report/2";

/**
 * `report.html`: the bundle for a person with a browser and nothing else. One file without scripts and without requests to anywhere,
 * made of the other files alone. `jejakekal verify` builds it again and compares the bytes, except one of an earlier layout.
 */
export function buildReport(values: BundleValues, memo: ReportMemo | null): BundleFile {
  const page = Report({ values, memo });
  const html = `<!doctype html>\n${withOneSpelling(page)}\n`;
  return { path: REPORT, bytes: new TextEncoder().encode(html) };
}

/** Reports of this layout cannot be built again and compared; nor can those of the first one, which names no layout. */
const EARLIER_LAYOUT = "jejakekal.report/1";

export function hasEarlierLayout(report: Uint8Array): boolean {
  const [, layout] =
    /<meta name="generator" content="([^"]*)"/.exec(Buffer.from(report).toString("latin1")) ?? [];
  return layout === undefined || layout === EARLIER_LAYOUT;
}

/** On Bun, Kita escapes with a function of the runtime that spells these characters in another way. */
function withOneSpelling(html: string): string {
  return html.replaceAll("&#x27;", "&#39;").replaceAll("&quot;", "&#34;").replaceAll("&gt;", ">");
}

type ReportProps = Readonly<{ values: BundleValues; memo: ReportMemo | null }>;

function Report({ values, memo }: ReportProps): string {
  const { run_id, request } = values.manifest;
  const { filename } = request.args;
  return String(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="referrer" content="no-referrer" />
        <meta name="generator" content={REPORT_LAYOUT} />
        <title safe>{`Run ${run_id}`}</title>
        <style>{REPORT_CSS}</style>
      </head>
      <body>
        <main>
          <h1>
            Run <code safe>{run_id}</code>
          </h1>
          {typeof filename === "string" ? (
            <p class="subject">
              <bdi safe>{filename}</bdi>
            </p>
          ) : null}
          <p>
            This page shows what the files of a bundle say about one run: what was asked, what was done when,
            and what came of it. <a href="#verify">How to verify</a>, at the end, says how to check it.
          </p>
          <Outcome values={values} />
          <Request values={values} />
          <Timeline values={values} />
          {values.artifacts.some(({ erased }) => erased) ? (
            <p>
              The document and all that was made from it were erased. Their hashes and the history of the run
              are kept. <code>erasure.json</code> says when, by whom and why.
            </p>
          ) : memo === null ? (
            <p>The run has no memo.</p>
          ) : (
            <>
              <Memo memo={memo} />
              <Review memo={memo} />
            </>
          )}
          <Artifacts values={values} />
          <Effects values={values} />
          <Journal values={values} />
          <HowToVerify />
        </main>
      </body>
    </html>,
  );
}
