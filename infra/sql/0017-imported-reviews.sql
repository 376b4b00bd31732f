-- An imported run brings the decisions about its passages with it, as events of its journal: the queue shows them.
create or replace function jejakekal.fill_review_queue(most integer) returns integer language plpgsql volatile as $$
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
  update jejakekal.review_item i
     set decision = decided.detail ->> 'decision', event = decided.detail || jsonb_build_object('at', decided.at_epoch_ms)
    from (select distinct on (e.run_id, e.detail::jsonb ->> 'item') e.run_id, e.detail::jsonb as detail, e.at_epoch_ms
            from jejakekal.run_event e
            join jejakekal.imported_run imported on imported.run_id = e.run_id
           where e.run_id = any (runs) and e.kind = 'reviewed'
             and e.detail::jsonb ->> 'decision' in ('accepted', 'corrected', 'skipped')
           order by e.run_id, e.detail::jsonb ->> 'item', e.seq desc) decided
   where i.run_id = decided.run_id and i.item = decided.detail ->> 'item';
  return coalesce(array_length(runs, 1), 0);
end;
$$;
