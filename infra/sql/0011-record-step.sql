-- DBOS's record of a step in one statement.
--
-- DBOS reads the owner of the workflow and then inserts the record, and the program compares in between. Here the comparison is made
-- in the database and a refusal is an error, so the program can send the commit together with the record: a transaction with an
-- error in it is not committed. The statements are those of DBOS 5.3.

-- Raises JK001 when the workflow belongs to another execution, JK002 when the step is recorded already.
create function jejakekal.record_step(
  workflow text, execution text, step integer, step_name text, step_output text, step_error text,
  started_at bigint, completed_at bigint, format text, application text
) returns void language plpgsql volatile as $$
declare
  recorded_at bigint;
begin
  -- Locks the workflow until the commit, so that it cannot be given to another execution in between.
  perform from dbos.workflow_status where workflow_uuid = workflow and owner_xid = execution for no key update;
  if not found then
    raise exception 'the workflow belongs to another execution' using errcode = 'JK001';
  end if;
  insert into dbos.operation_outputs
    (workflow_uuid, function_id, output, error, function_name, started_at_epoch_ms, completed_at_epoch_ms, serialization,
     application_name, retention_timestamp)
  values (workflow, step, step_output, step_error, step_name, started_at, completed_at, format, application,
          (extract(epoch from now()) * 1000)::bigint)
  on conflict (workflow_uuid, function_id) do update
    set completed_at_epoch_ms = operation_outputs.completed_at_epoch_ms
  returning completed_at_epoch_ms into recorded_at;
  -- A repeated record carries the same time.
  if recorded_at <> completed_at then
    raise exception 'the step is recorded with another outcome' using errcode = 'JK002';
  end if;
end;
$$;
