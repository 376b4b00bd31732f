-- The search index: a projection of the chunk-index artifacts. These tables are not append-only: they hold nothing that cannot be made
-- again from artifacts, and `jejakekal reindex` makes them again.
--
--   search_pending  the runs whose chunks are not indexed yet. A row is written together with the artifact, so none is forgotten.
--   search_run      the runs that are indexed, under a short number. A hidden run is in no result: it was erased, or cannot be read.
--   search_chunk    each indexed chunk: its run, and where in the bytes of the chunk-index artifact it is. No text.
--   search_segment  chunks with consecutive numbers that were indexed together, with what ranking needs to know of each.
--   search_posting  the chunks of a segment that have a term. src/search/segment.ts describes the bytes of this and of search_segment.
--   search_term     every term of the index, with the stem that it shares with other forms of the word.
--
-- One transaction at a time writes the index, under an advisory lock, and it takes the runs that it has indexed out of search_pending.
-- A program that dies leaves the index as it was.

create table jejakekal.search_pending (
  seq        bigint generated always as identity primary key,
  run_id     text not null unique,
  created_at timestamptz not null default clock_timestamp()
);

create table jejakekal.search_run (
  run_no integer generated always as identity primary key,
  run_id text not null unique,
  sha256 text not null,
  hidden boolean not null default false
);

create index search_run_by_sha256 on jejakekal.search_run (sha256);
create index search_run_hidden on jejakekal.search_run (run_no) where hidden;

create table jejakekal.search_chunk (
  chunk  bigint primary key,
  run_no integer not null,
  at     integer not null,
  bytes  integer not null,
  sha256 bytea not null
);

create table jejakekal.search_segment (
  segment_id  bigint generated always as identity primary key,
  first_chunk bigint not null,
  chunks      integer not null,
  facts       bytea not null
);

create table jejakekal.search_posting (
  term       text collate "C" not null,
  segment_id bigint not null,
  chunks     integer not null,
  postings   bytea not null,
  positions  bytea not null,
  primary key (term, segment_id)
);

create index search_posting_by_segment on jejakekal.search_posting (segment_id);

-- The bytes do not become smaller by compression, and are read as a whole.
alter table jejakekal.search_segment alter column facts set storage external;
alter table jejakekal.search_posting alter column postings set storage external, alter column positions set storage external;

create table jejakekal.search_term (
  term text collate "C" primary key,
  stem text collate "C" not null
);

create index search_term_by_stem on jejakekal.search_term (stem);
create index search_term_by_end on jejakekal.search_term (reverse(term) collate "C");

create function jejakekal.await_indexing() returns trigger language plpgsql as $$
begin
  insert into jejakekal.search_pending (run_id) values (new.run_id) on conflict do nothing;
  return null;
end;
$$;

create trigger await_indexing after insert on jejakekal.artifact
  for each row when (new.type = 'chunk-index') execute function jejakekal.await_indexing();

-- A chunk index whose bytes are deleted is in no result from then on.
create function jejakekal.hide_from_search() returns trigger language plpgsql as $$
begin
  update jejakekal.search_run set hidden = true where sha256 = old.sha256;
  return null;
end;
$$;

create trigger hide_from_search after delete on jejakekal.blob
  for each row execute function jejakekal.hide_from_search();

insert into jejakekal.search_pending (run_id)
select run_id from jejakekal.artifact where type = 'chunk-index' order by created_at, run_id;
