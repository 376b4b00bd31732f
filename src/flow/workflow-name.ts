/** How DBOS names the run of a document. It is in every recorded run. */
export const DOCUMENT_RUN = "documentRun";
