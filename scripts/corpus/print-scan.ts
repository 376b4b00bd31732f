/**
 * Draws the page of `scan.ts` with Chromium, as PNG and as JPEG: node --import tsx scripts/corpus/print-scan.ts
 * The files are kept, because another version of Chromium draws other pixels.
 */
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { SCAN, SCAN_SIZE } from "./scan.ts";

const { heading, subheading, paragraphs, listItems } = SCAN;
const { width, height, dpi } = SCAN_SIZE;
const scale = dpi / 96;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage({
  viewport: { width: width / scale, height: height / scale },
  deviceScaleFactor: scale,
});
await page.setContent(
  `<body style="font:11pt 'DejaVu Serif';margin:48px 60px;line-height:1.35"><h1>${heading}</h1><p>${paragraphs[0]}</p><h2>${subheading}</h2><ul>${listItems.map((item) => `<li>${item}</li>`).join("")}</ul><p>${paragraphs[1]}</p></body>`,
);
for (const [type, name] of [
  ["png", "page.png"],
  ["jpeg", "page.jpg"],
] as const) {
  const path = fileURLToPath(new URL(`./scan/${name}`, import.meta.url));
  await page.screenshot({ path, type, ...(type === "jpeg" && { quality: 50 }) });
}
await browser.close();
