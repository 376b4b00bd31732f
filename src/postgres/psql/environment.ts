/** libpq's variables for the parameters that a Postgres URL may have after `?`. */
const PARAMETER_VARIABLES: Readonly<Record<string, string>> = {
  host: "PGHOST",
  port: "PGPORT",
  user: "PGUSER",
  password: "PGPASSWORD",
  dbname: "PGDATABASE",
  sslmode: "PGSSLMODE",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  sslrootcert: "PGSSLROOTCERT",
  options: "PGOPTIONS",
  connect_timeout: "PGCONNECT_TIMEOUT",
  application_name: "PGAPPNAME",
  channel_binding: "PGCHANNELBINDING",
};

/**
 * The database of a URL as libpq's environment variables. On a command line every user of the machine could read the
 * password, and `psql -d other` could not override the database.
 */
export function toPsqlEnvironment(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  // A URL has an IPv6 address in brackets, libpq does not.
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const parts = { host, port, user: username, password, dbname: pathname.slice(1) };
  const given = [
    ...Object.entries(parts).map(([key, value]) => [key, decodeURIComponent(value)]),
    ...searchParams,
  ];
  const variables: Record<string, string> = {};
  for (const [key = "", value = ""] of given) {
    const variable = PARAMETER_VARIABLES[key];
    if (variable && value !== "") variables[variable] = value;
  }
  return variables;
}
