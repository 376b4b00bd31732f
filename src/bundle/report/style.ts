/** The style of `report.html`, inside it. It follows the reader's light or dark setting, and prints on A4. */
export const REPORT_CSS = `
:root { color-scheme: light dark; --line: #8886; --bar: #3d8f7e; --bad: #c0392b; --good: #1d7a50; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 0.6rem; border-bottom: 1px solid; font-size: 1.2rem; }
h3 { margin: 1rem 0 0.3rem; font-size: 1rem; }
p { margin: 0.5rem 0; max-width: 46rem; }
.subject { margin: 0 0 1rem; font-size: 1.1rem; overflow-wrap: anywhere; }
.outcome { margin: 0.8rem 0; padding-inline-start: 0.7rem; border-inline-start: 0.35rem solid var(--bad); font-size: 1.1rem; font-weight: 600; }
.outcome[data-status="done"] { border-color: var(--good); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; margin: 0.5rem 0; }
dt { opacity: 0.75; }
dd { margin: 0; overflow-wrap: anywhere; }
ul, ol { margin: 0.3rem 0; padding-inline-start: 1.4rem; }
li { margin: 0.25rem 0; overflow-wrap: anywhere; }
.title { padding: 0; list-style: none; font-weight: 600; }
.title small { font-weight: 400; }
table { width: 100%; border-collapse: collapse; font-size: 0.85rem; }
th, td { padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top; overflow-wrap: anywhere; }
th { white-space: nowrap; }
.fixed { white-space: nowrap; }
td small { display: inline-block; }
.artifacts tr:first-child td { border-bottom: 0; padding-bottom: 0; overflow-wrap: normal; }
.artifacts tr:last-child td { padding-top: 0; }
.number { text-align: end; white-space: nowrap; }
.scale { width: 20%; white-space: normal; }
td.scale { position: relative; }
.bar { position: absolute; top: 0.65rem; height: 0.6rem; min-width: 2px; background: var(--bar); print-color-adjust: exact; }
.bar[data-failed] { background: var(--bad); }
code, pre { font: 0.85em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
small { opacity: 0.75; font-size: 0.8em; }
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
@media print {
  :root { color-scheme: light; }
  body { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 15pt; }
  h2 { margin-top: 6mm; font-size: 12pt; }
  table { font-size: 8pt; }
  h2, h3 { break-after: avoid; }
  p, tr, li, pre, .outcome, .artifacts tbody { break-inside: avoid; }
  h2 + p, thead { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
}
`;
