-- Finds the artifacts that were made from given bytes, for `GET /artifacts?sha256=`.
create index artifact_by_input on jejakekal.artifact using gin (inputs);
