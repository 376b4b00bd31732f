/** The style of `report.html`, inside it. It follows the reader's light or dark setting, and prints on A4. */
export const REPORT_CSS = `
:root { color-scheme: light dark; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { margin-top: 2rem; border-bottom: 1px solid; font-size: 1.2rem; }
h3 { font-size: 1rem; }
.outcome { font-size: 1.2rem; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: 0.85rem; }
th, td { padding: 0.3rem 0.5rem; border-bottom: 1px solid #8888; text-align: start; vertical-align: top; overflow-wrap: anywhere; }
code, pre { font: 0.85em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
small { opacity: 0.75; }
@page { size: A4; margin: 15mm; }
@media print {
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  tr, li { break-inside: avoid; }
}
`;
