-- Comments on the tables, for whoever opens the database before the source. Where the program uses another word than the table's
-- name, the comment begins with that word.

comment on schema jejakekal is
  'Tables of the program jejakekal, beside those of DBOS in the schema dbos. Every table is append-only.';

comment on table jejakekal.migration is
  'Migrations that were applied. A program that does not know one of them refuses to start.';
comment on table jejakekal.blob is
  'Bytes, named by their sha256. Documents and artifacts point at blobs.';
comment on table jejakekal.run is
  'Claims. A claim reserves a run id for one payload; it is written in one transaction with the start of the workflow in DBOS.';
comment on table jejakekal.artifact is
  'Artifacts: what a run made, one row per type, with the step, the inputs and the recipe that made it.';
comment on table jejakekal.chat_event is
  'Commands: what was asked for, without answers and without the text of documents.';
comment on table jejakekal.run_event is
  'The journal: the events of a run, numbered from 0 and chained by hashes. It records and never decides; dbos.workflow_status does.';
comment on table jejakekal.effect_intent is
  'Intents: one row for each execution of a side effect, written before it begins.';
comment on table jejakekal.effect_receipt is
  'Receipts: the proof that a side effect took place, one row per effect key.';
