-- The journal: the events of a run.
--
--   run_event       one row per event, numbered from 0 within its run and chained: each row's sha256 covers the row before it,
--                   so that whoever recomputes the chain sees a row that was removed, inserted or changed later.
--
-- It is append-only and holds no status, like every table of this schema; dbos.workflow_status has the status.
--
-- A fork has a claim that names its parent and the first step that it does not copy from it.

alter table jejakekal.run
  add column forked_from text references jejakekal.run (run_id),
  add column from_step   integer check (from_step between 0 and 1000),
  add check ((forked_from is null) = (from_step is null));

create table jejakekal.run_event (
  run_id      text not null,
  seq         integer not null check (seq >= 0),
  at_epoch_ms bigint not null,
  kind        text not null check (kind in ('accepted', 'deduplicated', 'started', 'attempt_failed', 'recovered', 'cancelled',
                                            'resumed', 'forked', 'finished', 'exported')),
  node        text not null check (node !~ '[\n\r]'),
  detail      text not null check (detail ~ '^\{.*\}$'),
  prev_sha256 text not null check (prev_sha256 ~ '^[0-9a-f]{64}$'),
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  primary key (run_id, seq)
);

-- The hash of an event covers these fields, one per line. `detail` is the text of a JSON object on one line.
create function jejakekal.event_sha256(
  prev text, run text, seq integer, at_epoch_ms bigint, kind text, node text, detail text
) returns text language sql immutable as $$
  select encode(sha256(convert_to(concat_ws(E'\n', prev, run, seq, at_epoch_ms, kind, node, detail), 'UTF8')), 'hex');
$$;

create function jejakekal.now_epoch_ms() returns bigint language sql volatile as $$
  select floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
$$;

-- Adds one event after `last`. The caller holds the lock on the chain. The time of an event is never before that of the event before
-- it, even when the clock was set back.
create function jejakekal.chain_event(
  last jejakekal.run_event, run text, kind text, node text, detail text
) returns void language plpgsql volatile as $$
declare
  next integer := coalesce(last.seq + 1, 0);
  prev text := coalesce(last.sha256, repeat('0', 64));
  at bigint := greatest(jejakekal.now_epoch_ms(), last.at_epoch_ms);
begin
  insert into jejakekal.run_event (run_id, seq, at_epoch_ms, kind, node, detail, prev_sha256, sha256)
  values (run, next, at, kind, node, detail, prev, jejakekal.event_sha256(prev, run, next, at, kind, node, detail));
end;
$$;

-- Locks the chain of a run until the end of the transaction and returns its last event. So no event has the hash of one that was
-- never committed.
create function jejakekal.lock_chain(run text) returns jejakekal.run_event language plpgsql volatile as $$
declare
  last jejakekal.run_event;
begin
  perform pg_advisory_xact_lock(hashtextextended(run, 7310119));
  select e.* into last from jejakekal.run_event e where e.run_id = run order by e.seq desc limit 1;
  return last;
end;
$$;

create function jejakekal.append_event(run text, kind text, node text, detail text) returns void
language plpgsql volatile as $$
begin
  perform jejakekal.chain_event(jejakekal.lock_chain(run), run, kind, node, detail);
end;
$$;

-- Adds an event unless the journal has the same one since the run was last cancelled or resumed: a repeated step writes its event
-- again.
create function jejakekal.append_event_once(run text, kind text, node text, detail text) returns void
language plpgsql volatile as $$
#variable_conflict use_variable
declare
  last jejakekal.run_event := jejakekal.lock_chain(run);
begin
  if not exists (select from jejakekal.run_event e
                  where e.run_id = run and e.kind = kind and e.detail = detail
                    and e.seq > coalesce((select max(t.seq) from jejakekal.run_event t
                                           where t.run_id = run and t.kind in ('cancelled', 'resumed')), -1)) then
    perform jejakekal.chain_event(last, run, kind, node, detail);
  end if;
end;
$$;

-- A node begins to execute a run: for the first time, after a resume, or to recover it. A recovery is recorded with the time since the
-- last event or the last completed step.
create function jejakekal.begin_execution(run text, node text) returns void language plpgsql volatile as $$
declare
  last jejakekal.run_event := jejakekal.lock_chain(run);
  turn record := last;
  seen bigint;
begin
  if last.kind not in ('accepted', 'resumed') then
    select e.kind, e.node, e.at_epoch_ms into turn from jejakekal.run_event e
     where e.run_id = run and e.kind in ('accepted', 'started', 'recovered', 'resumed') order by e.seq desc limit 1;
  end if;
  if turn.kind in ('started', 'recovered') then
    -- A sleep is recorded when it begins, with its end to come.
    select greatest(turn.at_epoch_ms, max(case o.function_name when 'DBOS.sleep' then o.started_at_epoch_ms
                                                               else o.completed_at_epoch_ms end)) into seen
      from dbos.operation_outputs o where o.workflow_uuid = run;
    perform jejakekal.chain_event(last, run, 'recovered', node, jsonb_build_object(
      'from_node', turn.node, 'gap_ms', greatest(0, jejakekal.now_epoch_ms() - seen))::text);
  else
    perform jejakekal.chain_event(last, run, 'started', node, '{}');
  end if;
end;
$$;

create trigger append_only_rows before update or delete on jejakekal.run_event
  for each row execute function jejakekal.refuse_change();
create trigger append_only_table before truncate on jejakekal.run_event
  for each statement execute function jejakekal.refuse_change();
