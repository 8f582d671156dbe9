-- Staff, their log, drafts of plans, and news of a plan to those who registered in it.

-- name: sealed by the system key, '' sealed too. removed_at: kept, so that the log can still say who it was.
CREATE TABLE staff (
    telegram_id INTEGER PRIMARY KEY,
    role TEXT NOT NULL,
    name BLOB NOT NULL,
    since INTEGER NOT NULL,
    added_by INTEGER NOT NULL,
    removed_at INTEGER,
    menu_at INTEGER
) STRICT;

-- An invitation is known by a keyed hash of what stands in its link only; gone once it is used.
CREATE TABLE invitations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_index BLOB NOT NULL UNIQUE,
    role TEXT NOT NULL,
    name BLOB NOT NULL,
    invited_by INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Who did what. hash is over the row and the hash before it, under a key that is not in this database.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who INTEGER NOT NULL,
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_of_object ON audit (object, id);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the log is only ever added to');
END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the log is only ever added to');
END;

-- base_revision 0: a plan that is not there yet. base: the plan as the clerk found it. parcel: of a set time.
CREATE TABLE drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plan_code TEXT NOT NULL,
    name TEXT NOT NULL,
    base_revision INTEGER NOT NULL,
    base TEXT NOT NULL,
    body TEXT NOT NULL,
    made_by INTEGER NOT NULL,
    at INTEGER NOT NULL,
    publish_at INTEGER,
    parcel INTEGER,
    UNIQUE (plan_code, made_by)
) STRICT;

-- News of a plan on its way to everybody who registered; reached: the last of them that has it in the outbox.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plan_code TEXT NOT NULL REFERENCES plans (code),
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    reached INTEGER NOT NULL DEFAULT 0,
    told INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX registrations_by_time ON registrations (plan_code, registered_at);
