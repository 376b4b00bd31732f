-- An effect on the world outside is performed under a lock on its key, which belongs to the session of whoever performs it. A network can
-- drop a connection so that neither side hears of it, and a statement that waits for the lock would then wait for nothing. So callers
-- poll for the lock with short statements, and the server ends the session of a holder whose heartbeats it does not get any more.
--
-- begin_effect stays for programs of an earlier version that still run on this database.

-- Takes the lock on the key if nobody has it, and then says what is known of the effect; the receipt is null when it is to be performed.
create function jejakekal.try_begin_effect(
  key text, run text, effect_kind text,
  out is_locked boolean, out attempt integer, out receipt jsonb, out executions integer
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
  select c.receipt into receipt from jejakekal.effect_receipt c where c.effect_key = key;
  if receipt is null then
    attempt := executions + 1;
    executions := attempt;
    insert into jejakekal.effect_intent (effect_key, attempt, run_id, kind) values (key, attempt, run, effect_kind);
  end if;
end;
$$;

create or replace function jejakekal.end_effect(key text) returns void language plpgsql volatile as $$
begin
  perform pg_advisory_unlock(hashtextextended(key, 7310116));
  if current_setting('idle_session_timeout', true) is not null then
    reset idle_session_timeout;
  end if;
end;
$$;
