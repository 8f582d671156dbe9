-- A plan that a clerk is entering in the chat, answer by answer. Public matter, so not sealed.
CREATE TABLE plan_sheets (
    made_by INTEGER NOT NULL,
    slot TEXT NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (made_by, slot)
) STRICT, WITHOUT ROWID;
