import { readFileSync } from "node:fs";

/** What stands on the scanned page, in its order: for the eye and for the score. */
export const SCAN = {
  heading: "Harbour report of the north quay",
  subheading: "Findings",
  paragraphs: [
    "The harbour master recorded 412 arrivals in May 2024, of which 37 were delayed by fog for more than two hours. Costs rose to $12,500.",
    "Further inspections are planned for autumn, when the new radar will have been installed and the pilots have been trained.",
  ],
  listItems: ["The crane of berth four failed twice.", "Pilots were short on Sundays."],
} as const;

/** All words of the page. */
export function scanWords(): string[] {
  const { heading, subheading, paragraphs, listItems } = SCAN;
  return [heading, subheading, ...paragraphs, ...listItems].join(" ").split(" ");
}

/** The page as `print-scan.ts` made it: 1,275 by 750 pixels at 150 to the inch, grey. */
export function readScan(format: "png" | "jpg"): Uint8Array {
  return readFileSync(new URL(`./scan/page.${format}`, import.meta.url));
}

export const SCAN_SIZE = { width: 1275, height: 750, dpi: 150 } as const;
