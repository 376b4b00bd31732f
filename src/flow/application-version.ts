/**
 * DBOS recovers a workflow only under the application version that started it. The version is set by hand and never derived from
 * the source, so that the executable recovers what a run from source started. Raise it when the steps of `documentRun` change.
 */
export const APPLICATION_VERSION = "1";
