-- Access. A token is shown once, when it is made; the table has the hash of its secret. Revocations and ends of sessions are rows of
-- their own, so that these tables are append-only too. The name of a token is never given to another one, because journals name it.

create table jejakekal.token (
  token_id      text primary key check (token_id ~ '^[0-9a-f]{16}$'),
  name          text not null unique check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  scope         text not null check (scope in ('read', 'run', 'operate', 'admin')),
  secret_sha256 text not null check (secret_sha256 ~ '^[0-9a-f]{64}$'),
  created_at    timestamptz not null default clock_timestamp()
);

create table jejakekal.token_revocation (
  token_id   text primary key references jejakekal.token,
  revoked_at timestamptz not null default clock_timestamp()
);

create table jejakekal.session (
  session_sha256 text primary key check (session_sha256 ~ '^[0-9a-f]{64}$'),
  token_id       text not null references jejakekal.token,
  created_at     timestamptz not null default clock_timestamp(),
  expires_at     timestamptz not null
);

create table jejakekal.session_end (
  session_sha256 text primary key references jejakekal.session,
  ended_at       timestamptz not null default clock_timestamp()
);

do $$
declare
  name text;
begin
  foreach name in array array['token', 'token_revocation', 'session', 'session_end'] loop
    execute format(
      'create trigger append_only_rows before update or delete on jejakekal.%I
         for each row execute function jejakekal.refuse_change()', name);
    execute format(
      'create trigger append_only_table before truncate on jejakekal.%I
         for each statement execute function jejakekal.refuse_change()', name);
  end loop;
end;
$$;

comment on table jejakekal.token is 'Tokens: their names, their scopes, and the hashes of their secrets.';
comment on table jejakekal.token_revocation is 'Tokens that are no longer valid.';
comment on table jejakekal.session is 'Sessions of the pages, by the hash of their cookie. A session has the scope of the token that opened it.';
comment on table jejakekal.session_end is 'Sessions that were ended before they expired.';
