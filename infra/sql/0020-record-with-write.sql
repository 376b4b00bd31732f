-- A program that sends the record of a step and the commit together with its own statement cannot look at the result of that statement
-- first. What it would look for is an error here, which undoes the transaction.

-- Fails unless the run has stored this hash as its artifact of this type. `stored` is the hash of the row that the same statement has
-- inserted; null where the row was there before.
create function jejakekal.require_artifact(stored text, run text, kind text, hash text) returns void
language plpgsql volatile as $$
begin
  if stored is null then
    select a.sha256 into stored from jejakekal.artifact a where a.run_id = run and a.type = kind;
  end if;
  if stored is distinct from hash then
    raise exception '%:% is stored with sha256 % and was now derived with %', run, kind, stored, hash;
  end if;
end;
$$;

-- Raises JK003 unless what a run must have stored is there.
create function jejakekal.require_whole(is_whole boolean) returns void language plpgsql volatile as $$
begin
  if is_whole is not true then
    raise exception 'an artifact of the run is missing or altered' using errcode = 'JK003';
  end if;
end;
$$;
