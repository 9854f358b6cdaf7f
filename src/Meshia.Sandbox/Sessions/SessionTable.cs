using Dapper;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Sessions;

internal static class SessionTable
{
    public static void Insert(SqliteConnection connection, Session session) => connection.Execute(
        """
        INSERT INTO sessions (id, name, gpu, repo, status, created_at, started_at, stopped_at, ends_at, next_at)
        VALUES (@Id, @Name, @Gpu, @Repo, @Status, @CreatedAt, @StartedAt, @StoppedAt, @EndsAt, @NextAt)
        """,
        session);

    public static void Update(SqliteConnection connection, Session session) => connection.Execute(
        "UPDATE sessions SET status = @Status, started_at = @StartedAt, stopped_at = @StoppedAt, next_at = @NextAt WHERE id = @Id",
        session);

    public static Session Get(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Session>("SELECT * FROM sessions WHERE id = @id", new { id })
        ?? throw ApiException.NotFound("session", id);

    public static int CountActive(SqliteConnection connection) =>
        connection.ExecuteScalar<int>("SELECT count(*) FROM sessions WHERE next_at IS NOT NULL");

    public static bool AnyDue(SqliteConnection connection, DateTimeOffset now) =>
        connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM sessions WHERE next_at <= @now)", new { now });

    public static Session? FirstDue(SqliteConnection connection, DateTimeOffset now) => connection.QueryFirstOrDefault<Session>(
        "SELECT * FROM sessions WHERE next_at <= @now ORDER BY next_at, seq LIMIT 1", new { now });

    /// <summary>All of them, newest first, read from the database only as fast as they are taken.</summary>
    public static IAsyncEnumerable<Session> Stream(SqliteConnection connection, string? status) =>
        connection.QueryUnbufferedAsync<Session>($"SELECT * FROM sessions {Where(status, null)} {NewestFirst}", new { status });

    public static List<Session> Page(SqliteConnection connection, string? status, SessionCursor? after, int limit) =>
        connection.Query<Session>(
            $"SELECT * FROM sessions {Where(status, after)} {NewestFirst} LIMIT @limit",
            new { status, after?.CreatedAt, after?.Seq, limit }).AsList();

    private const string NewestFirst = "ORDER BY created_at DESC, seq DESC";

    // A condition that is not asked for is left out, so that each query can use its index.
    private static string Where(string? status, SessionCursor? after) => (status, after) switch
    {
        (null, null) => "",
        (_, null) => "WHERE status = @status",
        (null, _) => "WHERE (created_at, seq) < (@CreatedAt, @Seq)",
        _ => "WHERE status = @status AND (created_at, seq) < (@CreatedAt, @Seq)",
    };
}
