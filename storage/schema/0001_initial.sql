-- Times are milliseconds since 1970 UTC. BLOBs are sealed (storage/vault.py) or blind indexes (…_index).

-- What Telegram sent and what jobs brought back, until its turn is committed. key: update:<id> or came:<…>.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    chat_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- Every update id of the last days: a webhook may bring one again long after its row in the inbox is gone.
CREATE TABLE received (update_id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
CREATE INDEX received_at ON received (at);

-- Updates that broke the code, kept for the people who mend it.
CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    chat_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    error TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE sessions (
    chat_id INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What stands in the chat now: the message that carries the live buttons.
CREATE TABLE screens (
    chat_id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL,
    form TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;

-- What is owed to the world. begun_at is set before a call that must not be made twice.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    begun_at INTEGER,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    telegram_id INTEGER UNIQUE,
    phone BLOB NOT NULL,
    phone_index BLOB NOT NULL UNIQUE,
    name BLOB,
    id_number BLOB,
    id_index BLOB UNIQUE,
    document TEXT NOT NULL DEFAULT 'resident_id',
    created_at INTEGER NOT NULL,
    verified_at INTEGER,
    CHECK ((name IS NULL) = (id_number IS NULL) AND (name IS NULL) = (verified_at IS NULL))
) STRICT;

-- Chats that cannot be written to: blocked, or the account is gone.
CREATE TABLE unreachable (telegram_id INTEGER PRIMARY KEY, since INTEGER NOT NULL) STRICT;

CREATE TABLE consents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    telegram_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX consents_of ON consents (telegram_id, text, version);

CREATE TABLE challenges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    telegram_id INTEGER NOT NULL,
    phone_index BLOB NOT NULL,
    code_hash BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX challenges_of_phone ON challenges (phone_index, created_at);
CREATE INDEX challenges_of_chat ON challenges (telegram_id, created_at);
CREATE INDEX challenges_by_time ON challenges (created_at) WHERE withdrawn = 0;

CREATE TABLE identity_checks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL REFERENCES people (id),
    name BLOB NOT NULL,
    id_number BLOB NOT NULL,
    id_index BLOB NOT NULL,
    document TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    verdict TEXT
) STRICT;
CREATE INDEX identity_checks_of_person ON identity_checks (person_id, asked_at);
CREATE INDEX identity_checks_of_number ON identity_checks (id_index, asked_at);

CREATE TABLE plans (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    notice_title TEXT NOT NULL,
    notice_text TEXT NOT NULL,
    opens_at INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,
    announced_on TEXT,
    phone TEXT NOT NULL,
    hours TEXT NOT NULL,
    published_at INTEGER,
    withdrawn_at INTEGER,
    registered INTEGER NOT NULL DEFAULT 0,
    CHECK (opens_at < closes_at)
) STRICT;

CREATE TABLE projects (
    plan_code TEXT NOT NULL REFERENCES plans (code),
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    district TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    text TEXT NOT NULL,
    PRIMARY KEY (plan_code, code)
) STRICT;

CREATE TABLE unit_types (
    plan_code TEXT NOT NULL,
    project_code TEXT NOT NULL,
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    area INTEGER,
    homes INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (plan_code, project_code, code),
    FOREIGN KEY (plan_code, project_code) REFERENCES projects (plan_code, code)
) STRICT;

CREATE TABLE rents (
    plan_code TEXT NOT NULL,
    project_code TEXT NOT NULL,
    unit_type_code TEXT NOT NULL,
    position INTEGER NOT NULL,
    home TEXT NOT NULL,
    area INTEGER,
    monthly INTEGER NOT NULL,
    PRIMARY KEY (plan_code, project_code, unit_type_code, position),
    FOREIGN KEY (plan_code, project_code, unit_type_code) REFERENCES unit_types (plan_code, project_code, code)
) STRICT;

CREATE TABLE applications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER NOT NULL REFERENCES people (id),
    plan_code TEXT NOT NULL REFERENCES plans (code),
    created_at INTEGER NOT NULL,
    submission_id INTEGER,
    submitted_at INTEGER,
    changed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person_id, plan_code)
) STRICT;

CREATE TABLE answers (
    application_id INTEGER NOT NULL REFERENCES applications (id),
    field TEXT NOT NULL,
    value BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (application_id, field)
) STRICT, WITHOUT ROWID;

-- removed_at: taken off the form by its owner; a submission may still hold it.
CREATE TABLE pictures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    application_id INTEGER NOT NULL REFERENCES applications (id),
    field TEXT NOT NULL,
    file_id BLOB NOT NULL,
    unique_id TEXT NOT NULL,
    as_document INTEGER NOT NULL,
    state TEXT NOT NULL,
    file TEXT,
    reason TEXT,
    at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE INDEX pictures_of ON pictures (application_id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX pictures_once ON pictures (application_id, field, unique_id)
    WHERE removed_at IS NULL AND state <> 'refused';

-- The form as it was when it was submitted: answers and documents, sealed as one.
CREATE TABLE submissions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    application_id INTEGER NOT NULL REFERENCES applications (id),
    form_version INTEGER NOT NULL,
    body BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE registrations (
    number TEXT PRIMARY KEY,
    plan_code TEXT NOT NULL REFERENCES plans (code),
    person_id INTEGER NOT NULL REFERENCES people (id),
    submission_id INTEGER NOT NULL REFERENCES submissions (id),
    state TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    cancelled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX registrations_one_live ON registrations (plan_code, person_id) WHERE state <> 'cancelled';
CREATE INDEX registrations_of_person ON registrations (person_id, registered_at);
