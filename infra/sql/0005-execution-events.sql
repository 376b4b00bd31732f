-- Events of an execution. A node can be stopped for a while and continue after another node has recovered its run. What such an
-- execution still writes must not follow the events of the execution that ended the run, so each event names the token of its
-- execution, which DBOS keeps in workflow_status.owner_xid as long as the run belongs to it.

-- Whether the run belongs to this execution. The caller holds the lock on the run's journal: whoever ends the run writes an event
-- under that lock, so the answer holds until the caller has written its own. In plpgsql, because the schema dbos may not be there yet
-- when this migration is applied.
create function jejakekal.is_executed_by(run text, owner text) returns boolean language plpgsql volatile as $$
begin
  return exists (select from dbos.workflow_status w where w.workflow_uuid = run and w.owner_xid = owner);
end;
$$;

-- Adds an event, unless the run no longer belongs to the execution; returns false then. `once` is that of append_event_once.
create function jejakekal.append_execution_event(
  run text, owner text, kind text, node text, detail text, once boolean
) returns boolean language plpgsql volatile as $$
begin
  perform jejakekal.lock_chain(run);
  if not jejakekal.is_executed_by(run, owner) then
    return false;
  end if;
  if once then
    perform jejakekal.append_event_once(run, kind, node, detail);
  else
    perform jejakekal.append_event(run, kind, node, detail);
  end if;
  return true;
end;
$$;

-- Notes that an execution begins, unless the run no longer belongs to it; returns false then.
create function jejakekal.begin_owned_execution(run text, owner text, node text) returns boolean
language plpgsql volatile as $$
begin
  perform jejakekal.lock_chain(run);
  if not jejakekal.is_executed_by(run, owner) then
    return false;
  end if;
  perform jejakekal.begin_execution(run, node);
  return true;
end;
$$;
