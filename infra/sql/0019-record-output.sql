-- DBOS's record that a workflow has succeeded, in one statement.
--
-- DBOS sends two in a transaction and looks at the result of the first. Returns false when the workflow does not belong to the execution
-- any more. The statements are those of DBOS 5.3.
create function jejakekal.record_output(workflow text, execution text, result text) returns boolean
language plpgsql volatile as $$
declare
  now_ms bigint := (extract(epoch from now()) * 1000)::bigint;
begin
  update dbos.workflow_status
     set status = 'SUCCESS', updated_at = now_ms, deduplication_id = null, completed_at = now_ms, owner_xid = null
   where workflow_uuid = workflow and status = 'PENDING' and owner_xid = execution;
  if not found then
    return false;
  end if;
  insert into dbos.workflow_output (workflow_uuid, output, error) values (workflow, result, null)
  on conflict (workflow_uuid) do update set output = excluded.output, error = excluded.error;
  return true;
end;
$$;
