-- Batches: documents that were sent together.
--
-- A batch is a name and a list. It has no status of its own: its summary is computed from the runs that its items name. An item is
-- one document of the batch, with the run that it started or the refusal that it got. The run ids of a batch are derived from its id
-- and the bytes of each document, so the same document twice in a batch is one run with two items.

create table jejakekal.batch (
  batch_id   text primary key check (batch_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' and batch_id !~ '\.\.'),
  created_at timestamptz not null default clock_timestamp()
);

create table jejakekal.batch_item (
  item_id    bigint generated always as identity primary key,
  batch_id   text not null references jejakekal.batch (batch_id),
  item_key   text,
  filename   text,
  bytes      bigint,
  run_id     text,
  refusal    jsonb,
  created_at timestamptz not null default clock_timestamp(),
  unique (batch_id, item_key),
  check ((run_id is null) <> (refusal is null))
);

create index batch_item_in_order on jejakekal.batch_item (batch_id, item_id);
create index batch_item_by_run on jejakekal.batch_item (run_id);

comment on table jejakekal.batch is 'Documents that were sent together, under one id.';
comment on table jejakekal.batch_item is 'One document of a batch: the run that it started, or why it was refused.';
comment on column jejakekal.batch_item.item_key is
  'A name that the client chose for the item, so that a repeated request adds it once.';
comment on column jejakekal.batch_item.refusal is 'The body of the failure with which the document was refused.';

do $$
declare
  name text;
begin
  foreach name in array array['batch', 'batch_item'] loop
    execute format(
      'create trigger append_only_rows before update or delete on jejakekal.%I
         for each row execute function jejakekal.refuse_change()', name);
    execute format(
      'create trigger append_only_table before truncate on jejakekal.%I
         for each statement execute function jejakekal.refuse_change()', name);
  end loop;
end;
$$;
