import type { DocumentWindow } from "../../projection/document-window.ts";

type PdfPageProps = Readonly<{
  window: DocumentWindow;
  /** Address of the document's bytes. */
  url: string;
}>;

/** A page of a PDF, which the script draws, with the boxes of the cited words. Without a script there is the text alone. */
export function PdfPage({ window, url }: PdfPageProps): JSX.Element {
  const { boxes, pages, page_count: count } = window;
  const page = boxes[0]?.page ?? pages[0]?.n ?? 1;
  const size = pages.find(({ n }) => n === page);
  return (
    <figure
      class="pdf-page script-only"
      data-pdf={url}
      data-page={String(page)}
      data-pages={String(count ?? 1)}
      data-boxes={JSON.stringify(boxes)}
    >
      <nav class="pages" aria-label="Pages of the PDF">
        <button type="button" class="small" data-turn="-1">
          Previous page
        </button>
        <span data-part="number" role="status" safe>{`Page ${page} of ${count ?? 1}`}</span>
        <button type="button" class="small" data-turn="1">
          Next page
        </button>
      </nav>
      <canvas
        role="img"
        aria-label={`Page ${page} of the document`}
        width={String(Math.round((size?.w ?? 59_500) / 100))}
        height={String(Math.round((size?.h ?? 84_200) / 100))}
      ></canvas>
      <figcaption class="quiet" data-part="state">
        The page is being drawn.
      </figcaption>
    </figure>
  );
}
