-- Plans with pictures, announcements and reminders; who looked at them.

ALTER TABLE plans ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE plans ADD COLUMN withdrawn_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE plans ADD COLUMN notice_file TEXT;
ALTER TABLE plans ADD COLUMN conditions TEXT NOT NULL DEFAULT '[]';
ALTER TABLE plans ADD COLUMN demands TEXT NOT NULL DEFAULT '[]';

-- Pictures of a project (unit_type_code '') or of one of its unit types, in order. media: a name in the media store.
CREATE TABLE plan_pictures (
    plan_code TEXT NOT NULL REFERENCES plans (code),
    project_code TEXT NOT NULL,
    unit_type_code TEXT NOT NULL,
    position INTEGER NOT NULL,
    media TEXT NOT NULL,
    PRIMARY KEY (plan_code, project_code, unit_type_code, position),
    FOREIGN KEY (plan_code, project_code) REFERENCES projects (plan_code, code)
) STRICT, WITHOUT ROWID;

-- What Telegram calls a file that it was given once: sent by this id from then on.
CREATE TABLE telegram_files (
    media TEXT NOT NULL,
    form TEXT NOT NULL,
    file_id TEXT NOT NULL,
    PRIMARY KEY (media, form)
) STRICT, WITHOUT ROWID;

-- Who wants to be reminded of what; gone once the reminder is on its way. parcel: its row in the outbox.
CREATE TABLE reminders (
    plan_code TEXT NOT NULL REFERENCES plans (code),
    chat_id INTEGER NOT NULL,
    occasion TEXT NOT NULL,
    parcel INTEGER NOT NULL,
    PRIMARY KEY (plan_code, chat_id, occasion)
) STRICT, WITHOUT ROWID;

CREATE TABLE visits (
    plan_code TEXT NOT NULL REFERENCES plans (code),
    chat_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (plan_code, chat_id)
) STRICT, WITHOUT ROWID;

-- Parcels for later: reminders, and calls to be tried again.
ALTER TABLE outbox ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_waiting ON outbox (due_at) WHERE waits = 1;
