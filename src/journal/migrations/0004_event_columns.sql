-- Events as columns, for programs that read the journal with SQL, such as osquery. Its columns are part of the interface: they
-- keep their names and meanings, and new ones come at the end. `docs/events.md` says which field each is.
-- A row that somebody made no JSON is there all the same, with what the other columns know of it.
CREATE VIEW event_columns AS
WITH read AS (
    SELECT *, CASE WHEN json_valid(document) THEN document ELSE '{}' END AS d FROM events
)
SELECT
    seq                                                          AS sequence,
    id,
    time,
    action,
    level,
    kind,
    json_extract(d, '$.message')                                 AS message,
    json_extract(d, '$.host.name')                               AS host,
    json_extract(d, '$.user.name')                               AS user,
    home,
    json_extract(d, '$.mcpwatch.client')                         AS client,
    json_extract(d, '$.mcpwatch.scope')                          AS scope,
    json_extract(d, '$.mcpwatch.project')                        AS project,
    json_extract(d, '$.mcpwatch.server')                         AS server,
    json_extract(d, '$.mcpwatch.drift.id')                       AS drift_id,
    json_extract(d, '$.mcpwatch.drift.field')                    AS field,
    json_extract(d, '$.mcpwatch.drift.expected')                 AS expected,
    json_extract(d, '$.mcpwatch.drift.observed')                 AS observed,
    json_extract(d, '$.file.path')                               AS file,
    json_extract(d, '$.url.domain')                              AS domain,
    json_extract(d, '$.process.pid')                             AS process_pid,
    json_extract(d, '$.process.executable')                      AS process_executable,
    json_extract(d, '$.process.command_line')                    AS process_command_line,
    json_extract(d, '$.mcpwatch.provenance.line')                AS author,
    json_extract(d, '$.mcpwatch.provenance.actor')               AS actor,
    json_extract(d, '$.mcpwatch.provenance.confidence')          AS confidence,
    json_extract(d, '$.package.type')                            AS package_type,
    json_extract(d, '$.package.name')                            AS package_name,
    json_extract(d, '$.package.version')                         AS package_version,
    json_extract(d, '$.rule.id')                                 AS rule_id,
    json_extract(d, '$.rule.name')                               AS rule_name,
    json_extract(d, '$.threat.technique.id')                     AS techniques,
    hash                                                         AS chain_hash,
    document
FROM read;
