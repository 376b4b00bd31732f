-- The tables of this program, beside those of DBOS.
--
-- DBOS owns the schema `dbos`: which workflows exist, which steps completed, with what outcome. This program reads those tables and
-- never writes them. What DBOS does not store is in the schema `jejakekal`:
--
--   blob            bytes, named by their sha256. Documents and everything derived from them are here and nowhere else.
--   run             the claim that reserves a run id for one payload: hashes and names, no text.
--   artifact        what a run made: one row per type, pointing at a blob, with its lineage.
--   chat_event      the commands: what was asked for, without answers and without the text of documents.
--   effect_intent   one row for each execution of a side effect, written before it begins.
--   effect_receipt  the proof that a side effect took place, one row per effect key.
--
-- Every table is append-only: a trigger refuses UPDATE, DELETE and TRUNCATE, so a row never changes. No status is
-- stored here: the state of a run is in dbos.workflow_status.

create table jejakekal.blob (
  sha256     text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  bytes      bytea not null,
  created_at timestamptz not null default clock_timestamp()
);

-- Documents are stored without compression: it costs time at the start of a run and seldom saves space.
alter table jejakekal.blob alter column bytes set storage external;

create table jejakekal.run (
  run_id         text primary key check (run_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' and run_id !~ '\.\.'),
  intent         text not null,
  args           jsonb not null,
  payload_sha256 text not null check (payload_sha256 ~ '^[0-9a-f]{64}$'),
  source_sha256  text not null references jejakekal.blob (sha256),
  sleep_ms       integer not null check (sleep_ms >= 1),
  created_at     timestamptz not null default clock_timestamp()
);

create index run_newest_first on jejakekal.run (created_at desc);

create table jejakekal.artifact (
  run_id               text not null references jejakekal.run (run_id),
  type                 text not null check (type in ('raw', 'docir', 'chunk-index', 'memo')),
  sha256               text not null references jejakekal.blob (sha256),
  bytes                bigint not null check (bytes >= 0),
  media_type           text not null,
  format               text not null,
  title                text not null,
  visibility           text not null check (visibility in ('user', 'system')),
  producer_function_id integer not null check (producer_function_id >= 0),
  producer_step        text not null,
  inputs               text[] not null,
  recipe               jsonb not null,
  created_at           timestamptz not null default clock_timestamp(),
  primary key (run_id, type)
);

create index artifact_newest_first on jejakekal.artifact (created_at desc, run_id desc, type desc);
create index artifact_by_sha256 on jejakekal.artifact (sha256);

create table jejakekal.chat_event (
  id         bigint generated always as identity primary key,
  cmd        text not null,
  args       jsonb not null,
  run_id     text not null references jejakekal.run (run_id),
  created_at timestamptz not null default clock_timestamp()
);

create index chat_event_by_run on jejakekal.chat_event (run_id);

create table jejakekal.effect_intent (
  effect_key text not null,
  attempt    integer not null check (attempt >= 1),
  run_id     text not null,
  kind       text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (effect_key, attempt)
);

create index effect_intent_by_run on jejakekal.effect_intent (run_id);

create table jejakekal.effect_receipt (
  effect_key text primary key,
  attempt    integer not null,
  run_id     text not null,
  kind       text not null,
  receipt    jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  foreign key (effect_key, attempt) references jejakekal.effect_intent (effect_key, attempt)
);

create index effect_receipt_by_run on jejakekal.effect_receipt (run_id);

-- There are two kinds of effects.
--
-- An effect outside the database: the intent is committed before the effect begins, and the lock on its key is held until it ends.
create function jejakekal.begin_effect(
  key text, run text, effect_kind text,
  out attempt integer, out receipt jsonb, out executions integer
) language plpgsql volatile as $$
begin
  perform pg_advisory_lock(hashtextextended(key, 7310116));
  select count(*) into executions from jejakekal.effect_intent i where i.effect_key = key;
  select c.receipt into receipt from jejakekal.effect_receipt c where c.effect_key = key;
  if receipt is null then
    attempt := executions + 1;
    executions := attempt;
    insert into jejakekal.effect_intent (effect_key, attempt, run_id, kind) values (key, attempt, run, effect_kind);
  end if;
end;
$$;

create function jejakekal.end_effect(key text) returns void language sql volatile as $$
  select pg_advisory_unlock(hashtextextended(key, 7310116));
$$;

-- An effect that consists of its receipt: intent and receipt are written in one transaction.
create function jejakekal.record_effect(
  key text, run text, effect_kind text, proof jsonb,
  out receipt jsonb, out executions integer
) language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(key, 7310116));
  select count(*) into executions from jejakekal.effect_intent i where i.effect_key = key;
  select c.receipt into receipt from jejakekal.effect_receipt c where c.effect_key = key;
  if receipt is null then
    executions := executions + 1;
    receipt := proof;
    insert into jejakekal.effect_intent (effect_key, attempt, run_id, kind) values (key, executions, run, effect_kind);
    insert into jejakekal.effect_receipt (effect_key, attempt, run_id, kind, receipt)
    values (key, executions, run, effect_kind, proof);
  end if;
end;
$$;

create function jejakekal.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end;
$$;

do $$
declare
  name text;
begin
  foreach name in array array['migration', 'blob', 'run', 'artifact', 'chat_event', 'effect_intent', 'effect_receipt'] loop
    execute format(
      'create trigger append_only_rows before update or delete on jejakekal.%I
         for each row execute function jejakekal.refuse_change()', name);
    execute format(
      'create trigger append_only_table before truncate on jejakekal.%I
         for each statement execute function jejakekal.refuse_change()', name);
  end loop;
end;
$$;
