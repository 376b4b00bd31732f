-- A program sends the records of short steps one behind the other, each in a transaction of its own, without waiting for the answers in
-- between. What it would look at before it sends the next one is an error here.

-- Like record_step, for a step that is sent behind the one before it. Raises JK005 where that one is not recorded: its transaction
-- failed, and a run has no step without those before it.
create function jejakekal.record_next_step(
  workflow text, execution text, step integer, step_name text, step_output text, step_error text,
  started_at bigint, completed_at bigint, format text, application text
) returns void language plpgsql volatile as $$
begin
  perform from dbos.operation_outputs where workflow_uuid = workflow and function_id = step - 1 and error is null;
  if not found then
    raise exception 'the step before is not recorded' using errcode = 'JK005';
  end if;
  perform jejakekal.record_step(
    workflow, execution, step, step_name, step_output, step_error, started_at, completed_at, format, application);
end;
$$;

-- Records that a workflow has succeeded, in the transaction of its last step. Raises JK001 when it belongs to another execution.
create function jejakekal.record_end(workflow text, execution text, result text) returns void
language plpgsql volatile as $$
begin
  if not jejakekal.record_output(workflow, execution, result) then
    raise exception 'the workflow belongs to another execution' using errcode = 'JK001';
  end if;
end;
$$;

-- Stores a receipt that is the whole effect. Raises JK004 where the effect was begun before, so that its outcome is another one than
-- the caller has recorded; the same receipt of a single execution is the caller's own, sent again.
create function jejakekal.record_new_effect(key text, run text, effect_kind text, proof jsonb) returns void
language plpgsql volatile as $$
declare
  found record := jejakekal.record_effect(key, run, effect_kind, proof);
begin
  if found.executions <> 1 or found.receipt <> proof or found.kind <> effect_kind then
    raise exception 'effect % was begun before', key using errcode = 'JK004';
  end if;
end;
$$;
