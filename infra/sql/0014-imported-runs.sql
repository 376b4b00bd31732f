-- Imported runs: runs of another database, read from their bundles by `jejakekal import`.
--
--   imported_run    one row per imported run: what DBOS and the tables of effects had in the database that exported it.
--   imported_file   the files of its bundle, so that an export gives the same bytes again.
--
-- An imported run has rows in run, artifact, chat_event and run_event like any other run, so its id is taken and its artifacts are
-- found by their hashes. It has no row in the schema dbos: no node can execute, recover, resume or fork it.

create table jejakekal.imported_run (
  run_id              text primary key references jejakekal.run (run_id),
  bundle_sha256       text not null check (bundle_sha256 ~ '^[0-9a-f]{64}$'),
  key_id              text,
  started_at_epoch_ms bigint not null,
  record              json not null,
  imported_at         timestamptz not null default clock_timestamp()
);

create index imported_run_newest_first on jejakekal.imported_run (started_at_epoch_ms desc, run_id desc);

create table jejakekal.imported_file (
  run_id text not null references jejakekal.imported_run (run_id),
  path   text not null,
  sha256 text not null references jejakekal.blob (sha256),
  bytes  bigint not null check (bytes >= 0),
  primary key (run_id, path)
);

-- A run that failed before its first step has no artifact `raw`, so its bundle does not have the document.
alter table jejakekal.run alter column source_sha256 drop not null;

create trigger append_only_rows before update or delete on jejakekal.imported_run
  for each row execute function jejakekal.refuse_change();
create trigger append_only_table before truncate on jejakekal.imported_run
  for each statement execute function jejakekal.refuse_change();
create trigger append_only_rows before update or delete on jejakekal.imported_file
  for each row execute function jejakekal.refuse_change();
create trigger append_only_table before truncate on jejakekal.imported_file
  for each statement execute function jejakekal.refuse_change();

comment on table jejakekal.imported_run is
  'Imported runs: the rows that DBOS and the tables of effects had in the database that exported the bundle. Never executed here.';
comment on column jejakekal.imported_run.key_id is
  'The key that signed the bundle; null when it is not signed.';
comment on column jejakekal.imported_run.started_at_epoch_ms is
  'created_at in dbos.workflow_status of the exporting database, for the list of runs.';
comment on column jejakekal.imported_run.record is
  'An object with workflow, operations, request and effects: a RunRecord without its artifacts.';
comment on table jejakekal.imported_file is
  'The files of the bundle of an imported run, as they were imported. An export gives the same bytes again.';
comment on column jejakekal.run.source_sha256 is
  'The blob of the document; null for an imported run whose bundle does not have it.';
