-- The list of runs is filtered by a part of a title or of a run id, and by the format of the document. Trigrams find a part of a text by an
-- index. The extension comes with Postgres; where a server does not offer it, the filter reads every title instead.
do $$
declare
  place text;
begin
  create extension if not exists pg_trgm;
  select quote_ident(n.nspname) into strict place
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm';
  execute format('create index artifact_by_title on jejakekal.artifact using gin (title %s.gin_trgm_ops) where type in (''raw'', ''docir'')', place);
  execute format('create index run_by_id_part on jejakekal.run using gin (run_id %s.gin_trgm_ops)', place);
exception
  when insufficient_privilege or feature_not_supported or undefined_file or undefined_object then
    raise notice 'pg_trgm is not available: the list of runs is filtered by title without an index';
end;
$$;

create index artifact_by_format on jejakekal.artifact (split_part(media_type, ';', 1), run_id) where type = 'raw';
