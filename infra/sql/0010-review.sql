-- The review queue: the doubtful passages of all memos, and what people decided about them.
--
--   review_pending  the runs whose memo is not in the queue yet; written together with the memo.
--   review_item     a doubtful passage: a projection of a memo and of the journal. No text, and `decision` repeats the last event
--                   `reviewed` about it. It can be made again from both.
--
-- A decision is an event `reviewed` in the journal of its run, which is append-only.

alter table jejakekal.run_event drop constraint run_event_kind_check;
alter table jejakekal.run_event add constraint run_event_kind_check
  check (kind in ('accepted', 'deduplicated', 'started', 'attempt_failed', 'recovered', 'cancelled', 'resumed', 'forked', 'finished',
                  'exported', 'reviewed'));

create table jejakekal.review_pending (
  seq    bigint generated always as identity primary key,
  run_id text not null unique
);

create table jejakekal.review_item (
  id         bigint generated always as identity primary key,
  run_id     text not null,
  -- The id of the citation in the memo.
  item       text collate "C" not null,
  memo       text not null,
  chunk_id   text not null,
  reason     text not null,
  confidence double precision not null,
  decision   text check (decision in ('accepted', 'corrected', 'skipped')),
  event      jsonb,
  unique (run_id, item)
);

create index review_item_open on jejakekal.review_item (id) where decision is null;

create index review_item_by_memo on jejakekal.review_item (memo);

create function jejakekal.await_review() returns trigger language plpgsql as $$
begin
  insert into jejakekal.review_pending (run_id) values (new.run_id) on conflict do nothing;
  return null;
end;
$$;

create trigger await_review after insert on jejakekal.artifact
  for each row when (new.type = 'memo') execute function jejakekal.await_review();

-- Takes runs out of review_pending and puts the doubtful passages of their memos into the queue; returns how many runs. Several
-- programs can do it at the same time. A memo whose bytes do not match their hash is left out.
create function jejakekal.fill_review_queue(most integer) returns integer language plpgsql volatile as $$
declare
  runs text[];
begin
  with taken as (
    delete from jejakekal.review_pending
     where run_id in (select run_id from jejakekal.review_pending order by seq limit most for update skip locked)
    returning run_id, seq
  )
  select array_agg(run_id order by seq) into runs from taken;
  insert into jejakekal.review_item (run_id, item, memo, chunk_id, reason, confidence)
  select a.run_id, r.entry #>> '{cite,id}', a.sha256, r.entry #>> '{cite,chunkId}', r.entry ->> 'reason', (r.entry ->> 'confidence')::double precision
    from unnest(runs) with ordinality as run (run_id, nth)
    join jejakekal.artifact a on a.run_id = run.run_id and a.type = 'memo'
    join jejakekal.blob b on b.sha256 = a.sha256 and encode(sha256(b.bytes), 'hex') = a.sha256
    cross join lateral json_array_elements(convert_from(b.bytes, 'UTF8')::json -> 'review') with ordinality as r (entry, position)
   order by run.nth, r.position
  on conflict do nothing;
  return coalesce(array_length(runs, 1), 0);
end;
$$;

-- A passage whose memo is deleted cannot be reviewed. Its decisions stay in the journal.
create function jejakekal.remove_from_review() returns trigger language plpgsql as $$
begin
  delete from jejakekal.review_item where memo = old.sha256;
  return null;
end;
$$;

create trigger remove_from_review after delete on jejakekal.blob
  for each row execute function jejakekal.remove_from_review();

insert into jejakekal.review_pending (run_id)
select run_id from jejakekal.artifact where type = 'memo' order by created_at, run_id;
