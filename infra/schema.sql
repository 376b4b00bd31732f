-- The schema that the migrations come to. Written by UPDATE_SCHEMA=1, compared by src/store/schema.test.ts.

create table jejakekal.artifact (
  run_id text not null,
  type text not null,
  sha256 text not null,
  bytes bigint not null,
  media_type text not null,
  format text not null,
  title text not null,
  visibility text not null,
  producer_function_id integer not null,
  producer_step text not null,
  inputs text[] not null,
  recipe jsonb not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint artifact_bytes_check CHECK ((bytes >= 0)),
  constraint artifact_pkey PRIMARY KEY (run_id, type),
  constraint artifact_producer_function_id_check CHECK ((producer_function_id >= 0)),
  constraint artifact_run_id_fkey FOREIGN KEY (run_id) REFERENCES jejakekal.run(run_id),
  constraint artifact_type_check CHECK ((type = ANY (ARRAY['raw'::text, 'docir'::text, 'chunk-index'::text, 'memo'::text]))),
  constraint artifact_visibility_check CHECK ((visibility = ANY (ARRAY['user'::text, 'system'::text])))
);
create table jejakekal.batch (
  batch_id text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint batch_batch_id_check CHECK (((batch_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'::text) AND (batch_id !~ '\.\.'::text))),
  constraint batch_pkey PRIMARY KEY (batch_id)
);
create table jejakekal.batch_item (
  item_id bigint generated always as identity not null,
  batch_id text not null,
  item_key text,
  filename text,
  bytes bigint,
  run_id text,
  refusal jsonb,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint batch_item_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES jejakekal.batch(batch_id),
  constraint batch_item_batch_id_item_key_key UNIQUE (batch_id, item_key),
  constraint batch_item_check CHECK (((run_id IS NULL) <> (refusal IS NULL))),
  constraint batch_item_pkey PRIMARY KEY (item_id)
);
create table jejakekal.blob (
  sha256 text not null,
  bytes bytea storage external not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint blob_pkey PRIMARY KEY (sha256),
  constraint blob_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
create table jejakekal.chat_event (
  id bigint generated always as identity not null,
  cmd text not null,
  args jsonb not null,
  run_id text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint chat_event_pkey PRIMARY KEY (id),
  constraint chat_event_run_id_fkey FOREIGN KEY (run_id) REFERENCES jejakekal.run(run_id)
);
create table jejakekal.effect_intent (
  effect_key text not null,
  attempt integer not null,
  run_id text not null,
  kind text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  after_seq integer,
  constraint effect_intent_after_seq_check CHECK ((after_seq >= '-1'::integer)),
  constraint effect_intent_attempt_check CHECK ((attempt >= 1)),
  constraint effect_intent_pkey PRIMARY KEY (effect_key, attempt)
);
create table jejakekal.effect_receipt (
  effect_key text not null,
  attempt integer not null,
  run_id text not null,
  kind text not null,
  receipt jsonb not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  after_seq integer,
  constraint effect_receipt_after_seq_check CHECK ((after_seq >= '-1'::integer)),
  constraint effect_receipt_effect_key_attempt_fkey FOREIGN KEY (effect_key, attempt) REFERENCES jejakekal.effect_intent(effect_key, attempt),
  constraint effect_receipt_pkey PRIMARY KEY (effect_key)
);
create table jejakekal.erasure (
  run_id text not null,
  seq integer not null,
  erased_at timestamp with time zone not null default clock_timestamp(),
  constraint erasure_pkey PRIMARY KEY (run_id),
  constraint erasure_run_id_fkey FOREIGN KEY (run_id) REFERENCES jejakekal.run(run_id),
  constraint erasure_run_id_seq_fkey FOREIGN KEY (run_id, seq) REFERENCES jejakekal.run_event(run_id, seq)
);
create table jejakekal.imported_file (
  run_id text not null,
  path text not null,
  sha256 text not null,
  bytes bigint not null,
  constraint imported_file_bytes_check CHECK ((bytes >= 0)),
  constraint imported_file_pkey PRIMARY KEY (run_id, path),
  constraint imported_file_run_id_fkey FOREIGN KEY (run_id) REFERENCES jejakekal.imported_run(run_id)
);
create table jejakekal.imported_run (
  run_id text not null,
  bundle_sha256 text not null,
  key_id text,
  started_at_epoch_ms bigint not null,
  record json not null,
  imported_at timestamp with time zone not null default clock_timestamp(),
  constraint imported_run_bundle_sha256_check CHECK ((bundle_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint imported_run_pkey PRIMARY KEY (run_id),
  constraint imported_run_run_id_fkey FOREIGN KEY (run_id) REFERENCES jejakekal.run(run_id)
);
create table jejakekal.migration (
  name text not null,
  applied_at timestamp with time zone not null default clock_timestamp(),
  constraint migration_pkey PRIMARY KEY (name)
);
create table jejakekal.review_item (
  id bigint generated always as identity not null,
  run_id text not null,
  item text not null,
  memo text not null,
  chunk_id text not null,
  reason text not null,
  confidence double precision not null,
  decision text,
  event jsonb,
  constraint review_item_decision_check CHECK ((decision = ANY (ARRAY['accepted'::text, 'corrected'::text, 'skipped'::text]))),
  constraint review_item_pkey PRIMARY KEY (id),
  constraint review_item_run_id_item_key UNIQUE (run_id, item)
);
create table jejakekal.review_pending (
  seq bigint generated always as identity not null,
  run_id text not null,
  constraint review_pending_pkey PRIMARY KEY (seq),
  constraint review_pending_run_id_key UNIQUE (run_id)
);
create table jejakekal.run (
  run_id text not null,
  intent text not null,
  args jsonb not null,
  payload_sha256 text not null,
  source_sha256 text,
  sleep_ms integer not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  forked_from text,
  from_step integer,
  constraint run_check CHECK (((forked_from IS NULL) = (from_step IS NULL))),
  constraint run_forked_from_fkey FOREIGN KEY (forked_from) REFERENCES jejakekal.run(run_id),
  constraint run_from_step_check CHECK (((from_step >= 0) AND (from_step <= 1000))),
  constraint run_payload_sha256_check CHECK ((payload_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint run_pkey PRIMARY KEY (run_id),
  constraint run_run_id_check CHECK (((run_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'::text) AND (run_id !~ '\.\.'::text))),
  constraint run_sleep_ms_check CHECK ((sleep_ms >= 1))
);
create table jejakekal.run_event (
  run_id text not null,
  seq integer not null,
  at_epoch_ms bigint not null,
  kind text not null,
  node text not null,
  detail text not null,
  prev_sha256 text not null,
  sha256 text not null,
  constraint run_event_detail_check CHECK ((detail ~ '^\{.*\}$'::text)),
  constraint run_event_kind_check CHECK ((kind = ANY (ARRAY['accepted'::text, 'deduplicated'::text, 'started'::text, 'attempt_failed'::text, 'recovered'::text, 'cancelled'::text, 'resumed'::text, 'forked'::text, 'finished'::text, 'exported'::text, 'reviewed'::text, 'erased'::text]))),
  constraint run_event_node_check CHECK ((node !~ '[\n\r]'::text)),
  constraint run_event_pkey PRIMARY KEY (run_id, seq),
  constraint run_event_prev_sha256_check CHECK ((prev_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint run_event_seq_check CHECK ((seq >= 0)),
  constraint run_event_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
create table jejakekal.search_chunk (
  chunk bigint not null,
  run_no integer not null,
  at integer not null,
  bytes integer not null,
  sha256 bytea not null,
  constraint search_chunk_pkey PRIMARY KEY (chunk)
);
create table jejakekal.search_pending (
  seq bigint generated always as identity not null,
  run_id text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint search_pending_pkey PRIMARY KEY (seq),
  constraint search_pending_run_id_key UNIQUE (run_id)
);
create table jejakekal.search_posting (
  term text not null,
  segment_id bigint not null,
  chunks integer not null,
  postings bytea storage external not null,
  positions bytea storage external not null,
  constraint search_posting_pkey PRIMARY KEY (term, segment_id)
);
create table jejakekal.search_run (
  run_no integer generated always as identity not null,
  run_id text not null,
  sha256 text not null,
  hidden boolean not null default false,
  cleared boolean not null default false,
  constraint search_run_pkey PRIMARY KEY (run_no),
  constraint search_run_run_id_key UNIQUE (run_id)
);
create table jejakekal.search_segment (
  segment_id bigint generated always as identity not null,
  first_chunk bigint not null,
  chunks integer not null,
  facts bytea storage external not null,
  constraint search_segment_pkey PRIMARY KEY (segment_id)
);
create table jejakekal.search_term (
  term text not null,
  stem text not null,
  constraint search_term_pkey PRIMARY KEY (term)
);
create table jejakekal.session (
  session_sha256 text not null,
  token_id text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone not null,
  constraint session_pkey PRIMARY KEY (session_sha256),
  constraint session_session_sha256_check CHECK ((session_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint session_token_id_fkey FOREIGN KEY (token_id) REFERENCES jejakekal.token(token_id)
);
create table jejakekal.session_end (
  session_sha256 text not null,
  ended_at timestamp with time zone not null default clock_timestamp(),
  constraint session_end_pkey PRIMARY KEY (session_sha256),
  constraint session_end_session_sha256_fkey FOREIGN KEY (session_sha256) REFERENCES jejakekal.session(session_sha256)
);
create table jejakekal.token (
  token_id text not null,
  name text not null,
  scope text not null,
  secret_sha256 text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  rate_per_min integer,
  constraint token_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'::text)),
  constraint token_name_key UNIQUE (name),
  constraint token_pkey PRIMARY KEY (token_id),
  constraint token_rate_per_min_check CHECK (((rate_per_min >= 1) AND (rate_per_min <= 1000000))),
  constraint token_scope_check CHECK ((scope = ANY (ARRAY['read'::text, 'run'::text, 'operate'::text, 'admin'::text]))),
  constraint token_secret_sha256_check CHECK ((secret_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint token_token_id_check CHECK ((token_id ~ '^[0-9a-f]{16}$'::text))
);
create table jejakekal.token_revocation (
  token_id text not null,
  revoked_at timestamp with time zone not null default clock_timestamp(),
  constraint token_revocation_pkey PRIMARY KEY (token_id),
  constraint token_revocation_token_id_fkey FOREIGN KEY (token_id) REFERENCES jejakekal.token(token_id)
);

CREATE INDEX artifact_by_format ON jejakekal.artifact USING btree (split_part(media_type, ';'::text, 1), run_id) WHERE (type = 'raw'::text);
CREATE INDEX artifact_by_input ON jejakekal.artifact USING gin (inputs);
CREATE INDEX artifact_by_sha256 ON jejakekal.artifact USING btree (sha256);
CREATE INDEX artifact_by_title ON jejakekal.artifact USING gin (title gin_trgm_ops) WHERE (type = ANY (ARRAY['raw'::text, 'docir'::text]));
CREATE INDEX artifact_newest_first ON jejakekal.artifact USING btree (created_at DESC, run_id DESC, type DESC);
CREATE INDEX batch_item_by_run ON jejakekal.batch_item USING btree (run_id);
CREATE INDEX batch_item_in_order ON jejakekal.batch_item USING btree (batch_id, item_id);
CREATE INDEX chat_event_by_run ON jejakekal.chat_event USING btree (run_id);
CREATE INDEX effect_intent_by_run ON jejakekal.effect_intent USING btree (run_id);
CREATE INDEX effect_receipt_by_run ON jejakekal.effect_receipt USING btree (run_id);
CREATE INDEX imported_file_by_sha256 ON jejakekal.imported_file USING btree (sha256);
CREATE INDEX imported_run_newest_first ON jejakekal.imported_run USING btree (started_at_epoch_ms DESC, run_id DESC);
CREATE INDEX review_item_by_memo ON jejakekal.review_item USING btree (memo);
CREATE INDEX review_item_open ON jejakekal.review_item USING btree (id) WHERE (decision IS NULL);
CREATE INDEX run_by_id_part ON jejakekal.run USING gin (run_id gin_trgm_ops);
CREATE INDEX run_by_source ON jejakekal.run USING btree (source_sha256);
CREATE INDEX run_newest_first ON jejakekal.run USING btree (created_at DESC);
CREATE INDEX search_posting_by_segment ON jejakekal.search_posting USING btree (segment_id);
CREATE INDEX search_run_by_sha256 ON jejakekal.search_run USING btree (sha256);
CREATE INDEX search_run_hidden ON jejakekal.search_run USING btree (run_no) WHERE hidden;
CREATE INDEX search_term_by_end ON jejakekal.search_term USING btree (reverse(term));
CREATE INDEX search_term_by_stem ON jejakekal.search_term USING btree (stem);

CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.artifact FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_artifact_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.artifact FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER await_indexing AFTER INSERT ON jejakekal.artifact FOR EACH ROW WHEN ((new.type = 'chunk-index'::text)) EXECUTE FUNCTION jejakekal.await_indexing();
CREATE TRIGGER await_review AFTER INSERT ON jejakekal.artifact FOR EACH ROW WHEN ((new.type = 'memo'::text)) EXECUTE FUNCTION jejakekal.await_review();
CREATE TRIGGER refuse_erased_run BEFORE INSERT ON jejakekal.artifact FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_erased_run();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.batch FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.batch FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.batch_item FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.batch_item FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.blob FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_blob_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.blob FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER hide_from_search AFTER DELETE ON jejakekal.blob FOR EACH ROW EXECUTE FUNCTION jejakekal.hide_from_search();
CREATE TRIGGER remove_from_review AFTER DELETE ON jejakekal.blob FOR EACH ROW EXECUTE FUNCTION jejakekal.remove_from_review();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.chat_event FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.chat_event FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.effect_intent FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.effect_intent FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.effect_receipt FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.effect_receipt FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.erasure FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.erasure FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER require_erased_event BEFORE INSERT ON jejakekal.erasure FOR EACH ROW EXECUTE FUNCTION jejakekal.require_erased_event();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.imported_file FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.imported_file FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.imported_run FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.imported_run FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.migration FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.migration FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.run FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.run FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.run_event FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.run_event FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.session FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.session FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.session_end FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.session_end FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.token FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.token FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_rows BEFORE DELETE OR UPDATE ON jejakekal.token_revocation FOR EACH ROW EXECUTE FUNCTION jejakekal.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON jejakekal.token_revocation FOR EACH STATEMENT EXECUTE FUNCTION jejakekal.refuse_change();

CREATE OR REPLACE FUNCTION jejakekal.append_event(run text, kind text, node text, detail text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform jejakekal.chain_event(jejakekal.lock_chain(run), run, kind, node, detail);
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.append_event_once(run text, kind text, node text, detail text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.append_execution_event(run text, owner text, kind text, node text, detail text, once boolean)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.await_indexing()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into jejakekal.search_pending (run_id) values (new.run_id) on conflict do nothing;
  return null;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.await_review()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into jejakekal.review_pending (run_id) values (new.run_id) on conflict do nothing;
  return null;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.begin_effect(key text, run text, effect_kind text, OUT attempt integer, OUT receipt jsonb, OUT executions integer)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_lock(hashtextextended(key, 7310116));
  select count(*) into executions from jejakekal.effect_intent i where i.effect_key = key;
  select c.receipt into receipt from jejakekal.effect_receipt c where c.effect_key = key;
  if receipt is null then
    attempt := executions + 1;
    executions := attempt;
    insert into jejakekal.effect_intent (effect_key, attempt, run_id, kind) values (key, attempt, run, effect_kind);
  end if;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.begin_execution(run text, node text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.begin_owned_execution(run text, owner text, node text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  perform jejakekal.lock_chain(run);
  if not jejakekal.is_executed_by(run, owner) then
    return false;
  end if;
  perform jejakekal.begin_execution(run, node);
  return true;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.chain_event(last jejakekal.run_event, run text, kind text, node text, detail text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  next integer := coalesce(last.seq + 1, 0);
  prev text := coalesce(last.sha256, repeat('0', 64));
  at bigint := greatest(jejakekal.now_epoch_ms(), last.at_epoch_ms);
begin
  insert into jejakekal.run_event (run_id, seq, at_epoch_ms, kind, node, detail, prev_sha256, sha256)
  values (run, next, at, kind, node, detail, prev, jejakekal.event_sha256(prev, run, next, at, kind, node, detail));
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.end_effect(key text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_unlock(hashtextextended(key, 7310116));
  if current_setting('idle_session_timeout', true) is not null then
    reset idle_session_timeout;
  end if;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.erase_run(run text, node text, detail text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
declare
  hash text;
begin
  perform pg_advisory_xact_lock(hashtextextended(run, 7310122));
  if jejakekal.is_erased(run) then
    return false;
  end if;
  perform jejakekal.append_event(run, 'erased', node, detail);
  insert into jejakekal.erasure (run_id, seq) select run, max(e.seq) from jejakekal.run_event e where e.run_id = run;
  update jejakekal.artifact a set title = 'Erased' where a.run_id = run and a.type <> 'raw';
  delete from jejakekal.search_pending p where p.run_id = run;
  delete from jejakekal.review_pending p where p.run_id = run;
  delete from jejakekal.review_item i where i.run_id = run;
  for hash in
    select a.sha256 from jejakekal.artifact a where a.run_id = run
     union select r.source_sha256 from jejakekal.run r where r.run_id = run and r.source_sha256 is not null
     union select f.sha256 from jejakekal.imported_file f where f.run_id = run
     order by 1
  loop
    perform pg_advisory_xact_lock(hashtextextended(hash, 7310123));
    if not jejakekal.is_blob_in_use(hash) then
      delete from jejakekal.blob b where b.sha256 = hash;
    end if;
  end loop;
  return true;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.event_sha256(prev text, run text, seq integer, at_epoch_ms bigint, kind text, node text, detail text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select encode(sha256(convert_to(concat_ws(E'\n', prev, run, seq, at_epoch_ms, kind, node, detail), 'UTF8')), 'hex');
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.fill_review_queue(most integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.finish_effect(key text, attempt integer, run text, effect_kind text, proof jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into jejakekal.effect_receipt (effect_key, attempt, run_id, kind, receipt, after_seq)
  values (key, attempt, run, effect_kind, proof, jejakekal.lock_chain_seq(run));
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.hide_from_search()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update jejakekal.search_run set hidden = true where sha256 = old.sha256;
  return null;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.hold_blob(run text, hash text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(run, 7310122));
  perform pg_advisory_xact_lock_shared(hashtextextended(hash, 7310123));
  return not jejakekal.is_erased(run);
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.is_blob_in_use(hash text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from jejakekal.artifact a where a.sha256 = hash and not jejakekal.is_erased(a.run_id))
      or exists (select from jejakekal.run r where r.source_sha256 = hash and not jejakekal.is_erased(r.run_id))
      or exists (select from jejakekal.imported_file f
                  where f.sha256 = hash and (jejakekal.is_kept_file(f.path) or not jejakekal.is_erased(f.run_id)));
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.is_erased(run text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select exists (select from jejakekal.erasure e where e.run_id = run);
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.is_executed_by(run text, owner text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  return exists (select from dbos.workflow_status w where w.workflow_uuid = run and w.owner_xid = owner);
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.is_kept_file(path text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select path in ('operation_outputs.json', 'workflow_status.json');
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.lock_chain(run text)
 RETURNS jejakekal.run_event
 LANGUAGE plpgsql
AS $function$
declare
  last jejakekal.run_event;
begin
  perform pg_advisory_xact_lock(hashtextextended(run, 7310119));
  select e.* into last from jejakekal.run_event e where e.run_id = run order by e.seq desc limit 1;
  return last;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.lock_chain_seq(run text)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  last jejakekal.run_event := jejakekal.lock_chain(run);
begin
  return coalesce(last.seq, -1);
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.now_epoch_ms()
 RETURNS bigint
 LANGUAGE sql
AS $function$
  select floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.record_effect(key text, run text, effect_kind text, proof jsonb, OUT receipt jsonb, OUT executions integer, OUT kind text)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.record_end(workflow text, execution text, result text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if not jejakekal.record_output(workflow, execution, result) then
    raise exception 'the workflow belongs to another execution' using errcode = 'JK001';
  end if;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.record_new_effect(key text, run text, effect_kind text, proof jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  found record := jejakekal.record_effect(key, run, effect_kind, proof);
begin
  if found.executions <> 1 or found.receipt <> proof or found.kind <> effect_kind then
    raise exception 'effect % was begun before', key using errcode = 'JK004';
  end if;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.record_next_step(workflow text, execution text, step integer, step_name text, step_output text, step_error text, started_at bigint, completed_at bigint, format text, application text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform from dbos.operation_outputs where workflow_uuid = workflow and function_id = step - 1 and error is null;
  if not found then
    raise exception 'the step before is not recorded' using errcode = 'JK005';
  end if;
  perform jejakekal.record_step(
    workflow, execution, step, step_name, step_output, step_error, started_at, completed_at, format, application);
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.record_output(workflow text, execution text, result text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.record_step(workflow text, execution text, step integer, step_name text, step_output text, step_error text, started_at bigint, completed_at bigint, format text, application text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.refuse_artifact_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'UPDATE' and jejakekal.is_erased(old.run_id) and new.title = 'Erased'
     and to_jsonb(new) - 'title' = to_jsonb(old) - 'title' then
    return new;
  end if;
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.refuse_blob_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' and jejakekal.was_blob_erased(old.sha256) then
    return old;
  end if;
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '%.% is append-only: % is refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'restrict_violation';
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.refuse_erased_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(new.run_id, 7310122));
  if jejakekal.is_erased(new.run_id) then
    raise exception 'the run was erased' using errcode = 'restrict_violation';
  end if;
  return new;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.remove_from_review()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  delete from jejakekal.review_item where memo = old.sha256;
  return null;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.require_artifact(stored text, run text, kind text, hash text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if stored is null then
    select a.sha256 into stored from jejakekal.artifact a where a.run_id = run and a.type = kind;
  end if;
  if stored is distinct from hash then
    raise exception '%:% is stored with sha256 % and was now derived with %', run, kind, stored, hash;
  end if;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.require_erased_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from jejakekal.run_event e where e.run_id = new.run_id and e.seq = new.seq and e.kind = 'erased') then
    raise exception 'an erasure needs the event that records it' using errcode = 'restrict_violation';
  end if;
  return new;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.require_whole(is_whole boolean)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if is_whole is not true then
    raise exception 'an artifact of the run is missing or altered' using errcode = 'JK003';
  end if;
end;
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.try_begin_effect(key text, run text, effect_kind text, OUT is_locked boolean, OUT attempt integer, OUT receipt jsonb, OUT executions integer, OUT kind text)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
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
$function$
;
CREATE OR REPLACE FUNCTION jejakekal.was_blob_erased(hash text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  select not jejakekal.is_blob_in_use(hash)
     and (exists (select from jejakekal.artifact a where a.sha256 = hash)
          or exists (select from jejakekal.run r where r.source_sha256 = hash)
          or exists (select from jejakekal.imported_file f where f.sha256 = hash));
$function$
;

comment on table jejakekal.artifact is 'Artifacts: what a run made, one row per type, with the step, the inputs and the recipe that made it.';
comment on table jejakekal.batch is 'Documents that were sent together, under one id.';
comment on table jejakekal.batch_item is 'One document of a batch: the run that it started, or why it was refused.';
comment on table jejakekal.blob is 'Bytes, named by their sha256. Documents and artifacts point at blobs.';
comment on table jejakekal.chat_event is 'Commands: what was asked for, without answers and without the text of documents.';
comment on table jejakekal.effect_intent is 'Intents: one row for each execution of a side effect, written before it begins.';
comment on table jejakekal.effect_receipt is 'Receipts: the proof that a side effect took place, one row per effect key.';
comment on table jejakekal.erasure is 'Erased runs: their documents and artifacts were deleted, their rows and hashes stay. The journal says who erased them, and why.';
comment on table jejakekal.imported_file is 'The files of the bundle of an imported run, as they were imported. An export gives the same bytes again.';
comment on table jejakekal.imported_run is 'Imported runs: the rows that DBOS and the tables of effects had in the database that exported the bundle. Never executed here.';
comment on table jejakekal.migration is 'Migrations that were applied. A program that does not know one of them refuses to start.';
comment on table jejakekal.run is 'Claims. A claim reserves a run id for one payload; it is written in one transaction with the start of the workflow in DBOS.';
comment on table jejakekal.run_event is 'The journal: the events of a run, numbered from 0 and chained by hashes. It records and never decides; dbos.workflow_status does.';
comment on table jejakekal.session is 'Sessions of the pages, by the hash of their cookie. A session has the scope of the token that opened it.';
comment on table jejakekal.session_end is 'Sessions that were ended before they expired.';
comment on table jejakekal.token is 'Tokens: their names, their scopes, and the hashes of their secrets.';
comment on table jejakekal.token_revocation is 'Tokens that are no longer valid.';
