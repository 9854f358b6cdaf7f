using System.Data;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox;

/// <summary>The SQLite file: its schema, its connections, and the one writer at a time that SQLite allows.</summary>
internal sealed class Database : IDisposable
{
    private const int SchemaVersion = 1;

    private const string Schema = """
        CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE sessions (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL, gpu TEXT NOT NULL, repo TEXT, status TEXT NOT NULL,
            created_at INTEGER NOT NULL, started_at INTEGER, stopped_at INTEGER,
            ends_at INTEGER NOT NULL, next_at INTEGER);
        CREATE INDEX sessions_newest ON sessions (created_at DESC, seq DESC);
        CREATE INDEX sessions_by_status ON sessions (status, created_at DESC, seq DESC);
        CREATE INDEX sessions_due ON sessions (next_at) WHERE next_at IS NOT NULL;

        CREATE TABLE experiments (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            session_id TEXT NOT NULL REFERENCES sessions (id), ordinal INTEGER NOT NULL,
            name TEXT NOT NULL, status TEXT NOT NULL, config TEXT NOT NULL, metrics TEXT NOT NULL,
            created_at INTEGER NOT NULL, started_at INTEGER, completed_at INTEGER,
            duration_seconds REAL, error TEXT);
        CREATE INDEX experiments_of_session ON experiments (session_id, ordinal);

        CREATE TABLE artifacts (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            experiment_id TEXT NOT NULL REFERENCES experiments (id),
            name TEXT NOT NULL, size_bytes INTEGER NOT NULL, content_type TEXT NOT NULL,
            sha256 TEXT NOT NULL, created_at INTEGER NOT NULL, content TEXT NOT NULL);
        CREATE INDEX artifacts_of_experiment ON artifacts (experiment_id);

        CREATE TABLE webhooks (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            url TEXT NOT NULL, event_list TEXT NOT NULL, secret TEXT, created_at INTEGER NOT NULL);

        CREATE TABLE messages (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
            event TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL);
        CREATE INDEX messages_due ON messages (due_at);

        -- The log outlives its webhook, so it refers to nothing.
        CREATE TABLE deliveries (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            message_id TEXT NOT NULL, webhook_id TEXT NOT NULL, event TEXT NOT NULL, attempt INTEGER NOT NULL,
            request_body TEXT NOT NULL, response_status INTEGER, latency_ms REAL NOT NULL, error TEXT,
            created_at INTEGER NOT NULL);
        CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id);
        """;

    private readonly Lock _writing = new();
    private readonly string _connectionString;

    static Database()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.AddTypeHandler(new UnixMilliseconds());
        SqlMapper.AddTypeHandler(new PythonJsonText());
    }

    public Database(string file)
    {
        _connectionString = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true }.ToString();
        using var connection = Open();
        connection.Execute("PRAGMA journal_mode = WAL");
        switch (connection.ExecuteScalar<int>("PRAGMA user_version"))
        {
            case 0:
                Write(c => c.Execute($"{Schema} PRAGMA user_version = {SchemaVersion};"));
                break;
            case SchemaVersion:
                break;
            case var other:
                throw new InvalidDataException($"'{file}' has schema {other}; this sandbox knows only {SchemaVersion}.");
        }
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        connection.Execute("PRAGMA synchronous = NORMAL");
        return connection;
    }

    /// <summary>Runs <paramref name="work"/> in a transaction of its own; an exception undoes it.</summary>
    public T Write<T>(Func<SqliteConnection, T> work)
    {
        lock (_writing)
        {
            using var connection = Open();
            using var transaction = connection.BeginTransaction();
            var result = work(connection);
            transaction.Commit();
            return result;
        }
    }

    public void Write(Action<SqliteConnection> work) => Write(connection =>
    {
        work(connection);
        return true;
    });

    /// <summary>The next number of a sequence that survives restarts, so that seeded ids never repeat.</summary>
    public static string NextNumber(SqliteConnection connection, string counter) => connection.ExecuteScalar<long>(
        """
        INSERT INTO counters VALUES (@counter, 1)
        ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
        """,
        new { counter }).ToString(CultureInfo.InvariantCulture);

    /// <summary>The seed that the data was made with. Another one would change the bytes of artifacts that exist.</summary>
    public Seed ClaimSeed(long? wanted)
    {
        var random = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        var seed = long.Parse(Setting("seed", (wanted ?? random).ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        return wanted is null || wanted == seed
            ? new Seed(seed)
            : throw new InvalidDataException($"The data was made with seed {seed}, not {wanted}. Leave the seed out, or use other data.");
    }

    /// <summary>The stored setting, or <paramref name="initial"/>, which is stored from now on.</summary>
    public string Setting(string name, string initial) => Write(connection =>
    {
        connection.Execute("INSERT OR IGNORE INTO settings VALUES (@name, @initial)", new { name, initial });
        return connection.QuerySingle<string>("SELECT value FROM settings WHERE name = @name", new { name });
    });

    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private sealed class UnixMilliseconds : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds((long)value);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
            parameter.Value = value.ToUnixTimeMilliseconds();
    }

    private sealed class PythonJsonText : SqlMapper.TypeHandler<PythonJson>
    {
        public override PythonJson Parse(object value) => PythonJson.Parse((string)value);

        public override void SetValue(IDbDataParameter parameter, PythonJson? value) => parameter.Value = value?.StoredText;
    }
}
