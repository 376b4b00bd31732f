-- How many requests a token may send to one node in a minute; null for any number.
alter table jejakekal.token add column rate_per_min integer check (rate_per_min between 1 and 1000000);
