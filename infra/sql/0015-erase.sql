-- Erasure: the bytes of a run's document and of what was made from it are deleted. The rows of the run, its hashes, its journal and its
-- receipts stay.
--
--   erasure   one row per erased run, which points at the event `erased` of its journal: who erased it, and why.
--
-- Only a row in erasure opens the append-only tables, and only so far: a blob may be deleted when every run that has it is erased, and
-- the title of an artifact, which can be a line of the document, may be replaced by ERASED when its run is erased.
--
-- Locks of a transaction, always taken in this order: 7310117 the run, 7310122 its erasure, 7310119 its journal, 7310123 blobs. Who
-- stores bytes or an artifact holds the locks of the blob and of the run shared until the commit, so an erasure sees what they stored.

alter table jejakekal.run_event drop constraint run_event_kind_check;
alter table jejakekal.run_event add constraint run_event_kind_check
  check (kind in ('accepted', 'deduplicated', 'started', 'attempt_failed', 'recovered', 'cancelled', 'resumed', 'forked', 'finished',
                  'exported', 'reviewed', 'erased'));

create table jejakekal.erasure (
  run_id    text primary key references jejakekal.run (run_id),
  seq       integer not null,
  erased_at timestamptz not null default clock_timestamp(),
  foreign key (run_id, seq) references jejakekal.run_event (run_id, seq)
);

create trigger append_only_rows before update or delete on jejakekal.erasure
  for each row execute function jejakekal.refuse_change();
create trigger append_only_table before truncate on jejakekal.erasure
  for each statement execute function jejakekal.refuse_change();

create function jejakekal.require_erased_event() returns trigger language plpgsql as $$
begin
  if not exists (select from jejakekal.run_event e where e.run_id = new.run_id and e.seq = new.seq and e.kind = 'erased') then
    raise exception 'an erasure needs the event that records it' using errcode = 'restrict_violation';
  end if;
  return new;
end;
$$;

create trigger require_erased_event before insert on jejakekal.erasure
  for each row execute function jejakekal.require_erased_event();

-- The hash of erased bytes stays in these columns, so they no longer refer to a row.
alter table jejakekal.artifact drop constraint artifact_sha256_fkey;
alter table jejakekal.run drop constraint run_source_sha256_fkey;
alter table jejakekal.imported_file drop constraint imported_file_sha256_fkey;

create index run_by_source on jejakekal.run (source_sha256);
create index imported_file_by_sha256 on jejakekal.imported_file (sha256);

-- The rows of DBOS of an imported run are kept, to export it without its document.
create function jejakekal.is_kept_file(path text) returns boolean language sql immutable as $$
  select path in ('operation_outputs.json', 'workflow_status.json');
$$;

create function jejakekal.is_erased(run text) returns boolean language sql stable as $$
  select exists (select from jejakekal.erasure e where e.run_id = run);
$$;

create function jejakekal.is_blob_in_use(hash text) returns boolean language sql stable as $$
  select exists (select from jejakekal.artifact a where a.sha256 = hash and not jejakekal.is_erased(a.run_id))
      or exists (select from jejakekal.run r where r.source_sha256 = hash and not jejakekal.is_erased(r.run_id))
      or exists (select from jejakekal.imported_file f
                  where f.sha256 = hash and (jejakekal.is_kept_file(f.path) or not jejakekal.is_erased(f.run_id)));
$$;

create function jejakekal.was_blob_erased(hash text) returns boolean language sql stable as $$
  select not jejakekal.is_blob_in_use(hash)
     and (exists (select from jejakekal.artifact a where a.sha256 = hash)
          or exists (select from jejakekal.run r where r.source_sha256 = hash)
          or exists (select from jejakekal.imported_file f where f.sha256 = hash));
$$;

create function jejakekal.refuse_blob_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and jejakekal.was_blob_erased(old.sha256) then
    return old;
  end if;
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end;
$$;

create function jejakekal.refuse_artifact_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and jejakekal.is_erased(old.run_id) and new.title = 'Erased'
     and to_jsonb(new) - 'title' = to_jsonb(old) - 'title' then
    return new;
  end if;
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end;
$$;

drop trigger append_only_rows on jejakekal.blob;
create trigger append_only_rows before update or delete on jejakekal.blob
  for each row execute function jejakekal.refuse_blob_change();
drop trigger append_only_rows on jejakekal.artifact;
create trigger append_only_rows before update or delete on jejakekal.artifact
  for each row execute function jejakekal.refuse_artifact_change();

-- A step of a cancelled run can end after the run was erased.
create function jejakekal.refuse_erased_run() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(new.run_id, 7310122));
  if jejakekal.is_erased(new.run_id) then
    raise exception 'the run was erased' using errcode = 'restrict_violation';
  end if;
  return new;
end;
$$;

create trigger refuse_erased_run before insert on jejakekal.artifact
  for each row execute function jejakekal.refuse_erased_run();

-- Called before the bytes of a run are stored, because the same bytes may be about to be erased. False when the run itself was erased.
create function jejakekal.hold_blob(run text, hash text) returns boolean language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(run, 7310122));
  perform pg_advisory_xact_lock_shared(hashtextextended(hash, 7310123));
  return not jejakekal.is_erased(run);
end;
$$;

-- Erases a run that has ended, in one transaction with the event that records it. False when it was erased before.
create function jejakekal.erase_run(run text, node text, detail text) returns boolean language plpgsql as $$
declare
  hash text;
begin
  perform pg_advisory_xact_lock(hashtextextended(run, 7310122));
  if jejakekal.is_erased(run) then
    return false;
  end if;
  perform jejakekal.append_event(run, 'erased', node, detail);
  insert into jejakekal.erasure (run_id, seq) select run, max(e.seq) from jejakekal.run_event e where e.run_id = run;
  update jejakekal.artifact a set title = 'Erased' where a.run_id = run and a.type <> 'raw';
  delete from jejakekal.search_pending p where p.run_id = run;
  delete from jejakekal.review_pending p where p.run_id = run;
  delete from jejakekal.review_item i where i.run_id = run;
  for hash in
    select a.sha256 from jejakekal.artifact a where a.run_id = run
     union select r.source_sha256 from jejakekal.run r where r.run_id = run and r.source_sha256 is not null
     union select f.sha256 from jejakekal.imported_file f where f.run_id = run
     order by 1
  loop
    perform pg_advisory_xact_lock(hashtextextended(hash, 7310123));
    if not jejakekal.is_blob_in_use(hash) then
      delete from jejakekal.blob b where b.sha256 = hash;
    end if;
  end loop;
  return true;
end;
$$;

-- The search index still has the words of an erased run until they are taken out of its segments; then `cleared` is set.
alter table jejakekal.search_run add column cleared boolean not null default false;

comment on table jejakekal.erasure is
  'Erased runs: their documents and artifacts were deleted, their rows and hashes stay. The journal says who erased them, and why.';
