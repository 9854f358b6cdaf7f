namespace Meshia.Sandbox;

/// <summary>The tables of the database.</summary>
internal static class Schema
{
    public const int Version = 2;

    /// <summary>Times are milliseconds since 1970. What ends has its place in an index only while it lives.</summary>
    public const string Tables = """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE accounts (name TEXT PRIMARY KEY, plan TEXT NOT NULL, artifact_bytes INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE keys (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            account TEXT NOT NULL REFERENCES accounts (name), hash TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL, revoked_at INTEGER);

        CREATE TABLE sessions (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
            name TEXT NOT NULL, gpu TEXT NOT NULL, repo TEXT, status TEXT NOT NULL,
            created_at INTEGER NOT NULL, started_at INTEGER, stopped_at INTEGER, stop_reason TEXT, error TEXT,
            ends_at INTEGER NOT NULL, idle_at INTEGER, next_at INTEGER, fault TEXT, fault_seconds REAL);
        CREATE INDEX sessions_newest ON sessions (account, created_at DESC, seq DESC);
        CREATE INDEX sessions_by_status ON sessions (account, status, created_at DESC, seq DESC);
        CREATE INDEX sessions_active ON sessions (account) WHERE stopped_at IS NULL;
        CREATE INDEX sessions_due ON sessions (next_at, seq) WHERE next_at IS NOT NULL;

        CREATE TABLE experiments (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            session_id TEXT NOT NULL REFERENCES sessions (id), ordinal INTEGER NOT NULL,
            name TEXT NOT NULL, status TEXT NOT NULL, config TEXT NOT NULL, metrics TEXT NOT NULL,
            created_at INTEGER NOT NULL, started_at INTEGER, completed_at INTEGER,
            duration_seconds REAL, error TEXT, outcome TEXT);
        CREATE INDEX experiments_of_session ON experiments (session_id, ordinal);

        CREATE TABLE artifacts (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            experiment_id TEXT NOT NULL REFERENCES experiments (id),
            name TEXT NOT NULL, size_bytes INTEGER NOT NULL, content_type TEXT NOT NULL,
            sha256 TEXT, created_at INTEGER NOT NULL, content TEXT NOT NULL, data TEXT);
        CREATE INDEX artifacts_of_experiment ON artifacts (experiment_id);

        CREATE TABLE webhooks (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
            url TEXT NOT NULL, event_list TEXT NOT NULL, secret TEXT, created_at INTEGER NOT NULL);
        CREATE INDEX webhooks_of_account ON webhooks (account);

        CREATE TABLE messages (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
            event TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL,
            fault TEXT, effect TEXT);
        CREATE INDEX messages_due ON messages (due_at);

        -- The log outlives its webhook, so it refers to nothing.
        CREATE TABLE deliveries (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            message_id TEXT NOT NULL, message_number INTEGER NOT NULL, webhook_id TEXT NOT NULL, event TEXT NOT NULL, attempt INTEGER NOT NULL,
            request_body TEXT NOT NULL, response_status INTEGER, latency_ms REAL NOT NULL, error TEXT, fault TEXT,
            created_at INTEGER NOT NULL);
        CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id);
        """;
}
