-- What must be known again and that nobody may read or change: signed templates that were in force, the shape of
-- credentials files, logins that their owner wants kept. Each is sealed for its kind and name.
CREATE TABLE sealed (
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
