-- How far each sink is: the number of the newest event that it has taken, or that it does not want. Events that are
-- not taken are kept for those that are in use.
CREATE TABLE sinks (
    name   TEXT PRIMARY KEY,
    taken  INTEGER NOT NULL,
    in_use INTEGER NOT NULL,
    since  TEXT,
    error  TEXT,
    mac    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
