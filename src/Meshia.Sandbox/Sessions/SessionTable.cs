using Dapper;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Sessions;

internal static class SessionTable
{
    private const string NewestFirst = "ORDER BY created_at DESC, seq DESC";

    public static void Insert(SqliteConnection connection, Session session) => connection.Execute(
        """
        INSERT INTO sessions (id, account, name, gpu, repo, status, created_at, started_at, stopped_at, stop_reason, error, ends_at, idle_at, next_at, fault, fault_seconds)
        VALUES (@Id, @Account, @Name, @Gpu, @Repo, @Status, @CreatedAt, @StartedAt, @StoppedAt, @StopReason, @Error, @EndsAt, @IdleAt, @NextAt, @Fault, @FaultSeconds)
        """,
        session);

    public static void Update(SqliteConnection connection, Session session) => connection.Execute(
        """
        UPDATE sessions SET status = @Status, started_at = @StartedAt, stopped_at = @StoppedAt, stop_reason = @StopReason, error = @Error,
            idle_at = @IdleAt, next_at = @NextAt
        WHERE id = @Id
        """,
        session);

    /// <summary>The session of any account; null if there is none.</summary>
    public static Session? Find(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Session>("SELECT * FROM sessions WHERE id = @id", new { id });

    public static Session Get(SqliteConnection connection, Account account, string id) =>
        Find(connection, id) is { } session && session.Account == account.Name ? session : throw ApiException.NotFound("session", id);

    /// <summary>How many sessions of the account are active, counted to the limit and no further.</summary>
    public static int CountActive(SqliteConnection connection, Account account, int limit) => connection.ExecuteScalar<int>(
        "SELECT count(*) FROM (SELECT 1 FROM sessions WHERE account = @Name AND stopped_at IS NULL LIMIT @limit)", new { account.Name, limit });

    /// <summary>When the next change is due; null when none is.</summary>
    public static DateTimeOffset? NextDue(SqliteConnection connection) =>
        connection.ExecuteScalar<long?>("SELECT min(next_at) FROM sessions WHERE next_at IS NOT NULL") is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    public static List<Session> Due(SqliteConnection connection, DateTimeOffset now, int limit) => connection.Query<Session>(
        "SELECT * FROM sessions WHERE next_at <= @now ORDER BY next_at, seq LIMIT @limit", new { now, limit }).AsList();

    /// <summary>The newest of all accounts.</summary>
    public static List<Session> Newest(SqliteConnection connection, int limit) =>
        connection.Query<Session>("SELECT * FROM sessions ORDER BY seq DESC LIMIT @limit", new { limit }).AsList();

    /// <summary>All of them, newest first, read from the database only as fast as they are taken.</summary>
    public static IAsyncEnumerable<Session> Stream(SqliteConnection connection, Account account, string? status) =>
        connection.QueryUnbufferedAsync<Session>($"SELECT * FROM sessions {Where(status, null)} {NewestFirst}", new { account.Name, status });

    public static List<Session> Page(SqliteConnection connection, Account account, string? status, SessionCursor? after, int limit) =>
        connection.Query<Session>(
            $"SELECT * FROM sessions {Where(status, after)} {NewestFirst} LIMIT @limit",
            new { account.Name, status, after?.CreatedAt, after?.Seq, limit }).AsList();

    // A condition that is not asked for is left out, so that each query can use its index.
    private static string Where(string? status, SessionCursor? after) =>
        $"WHERE account = @Name{(status is null ? "" : " AND status = @status")}{(after is null ? "" : " AND (created_at, seq) < (@CreatedAt, @Seq)")}";
}
