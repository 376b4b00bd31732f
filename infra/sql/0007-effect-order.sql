-- Effects in the order of the journal.
--
-- An effect can be under way when its run is cancelled, and get its receipt later. The bundle of the run must not change then, so
-- each intent and each receipt names the last event of the run's journal at the time at which it was written. It is written under
-- the lock on that journal: what comes after the event that ended the run is told apart without comparing clocks. The effect goes on
-- and its receipt is stored, so that a resumed run does not perform it again.

alter table jejakekal.effect_intent add column after_seq integer check (after_seq >= -1);
alter table jejakekal.effect_receipt add column after_seq integer check (after_seq >= -1);

comment on column jejakekal.effect_intent.after_seq is
  'The last event of the journal of the run when this row was written; -1 for none, null in rows of earlier versions.';
comment on column jejakekal.effect_receipt.after_seq is
  'The last event of the journal of the run when this row was written; -1 for none, null in rows of earlier versions.';

-- Locks the journal of a run until the end of the transaction and returns the number of its last event, -1 for none.
create function jejakekal.lock_chain_seq(run text) returns integer language plpgsql volatile as $$
declare
  last jejakekal.run_event := jejakekal.lock_chain(run);
begin
  return coalesce(last.seq, -1);
end;
$$;

-- The functions of 0001 and 0006, which now also return the kind of the receipt: a program can find the receipt of one that was
-- configured for another kind of effect. begin_effect stays as it is for programs of an earlier version.
drop function jejakekal.try_begin_effect(text, text, text);
create function jejakekal.try_begin_effect(
  key text, run text, effect_kind text,
  out is_locked boolean, out attempt integer, out receipt jsonb, out executions integer, out kind text
) language plpgsql volatile as $$
begin
  is_locked := pg_try_advisory_lock(hashtextextended(key, 7310116));
  if not is_locked then
    return;
  end if;
  -- Exists from Postgres 14 on.
  if current_setting('idle_session_timeout', true) is not null then
    perform set_config('idle_session_timeout', '5s', false);
  end if;
  select count(*) into executions from jejakekal.effect_intent i where i.effect_key = key;
  select c.receipt, c.kind into receipt, kind from jejakekal.effect_receipt c where c.effect_key = key;
  if receipt is null then
    attempt := executions + 1;
    executions := attempt;
    kind := effect_kind;
    insert into jejakekal.effect_intent (effect_key, attempt, run_id, kind, after_seq)
    values (key, attempt, run, effect_kind, jejakekal.lock_chain_seq(run));
  end if;
end;
$$;

drop function jejakekal.record_effect(text, text, text, jsonb);
create function jejakekal.record_effect(
  key text, run text, effect_kind text, proof jsonb,
  out receipt jsonb, out executions integer, out kind text
) language plpgsql volatile as $$
declare
  seq integer;
begin
  perform pg_advisory_xact_lock(hashtextextended(key, 7310116));
  select count(*) into executions from jejakekal.effect_intent i where i.effect_key = key;
  select c.receipt, c.kind into receipt, kind from jejakekal.effect_receipt c where c.effect_key = key;
  if receipt is null then
    executions := executions + 1;
    receipt := proof;
    kind := effect_kind;
    seq := jejakekal.lock_chain_seq(run);
    insert into jejakekal.effect_intent (effect_key, attempt, run_id, kind, after_seq)
    values (key, executions, run, effect_kind, seq);
    insert into jejakekal.effect_receipt (effect_key, attempt, run_id, kind, receipt, after_seq)
    values (key, executions, run, effect_kind, proof, seq);
  end if;
end;
$$;

-- Stores the receipt of an effect that was performed.
create function jejakekal.finish_effect(key text, attempt integer, run text, effect_kind text, proof jsonb)
returns void language plpgsql volatile as $$
begin
  insert into jejakekal.effect_receipt (effect_key, attempt, run_id, kind, receipt, after_seq)
  values (key, attempt, run, effect_kind, proof, jejakekal.lock_chain_seq(run));
end;
$$;
