using Dapper;
using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Experiments;

internal static class ExperimentTable
{
    public static void Insert(SqliteConnection connection, Experiment experiment) => connection.Execute(
        """
        INSERT INTO experiments (id, session_id, ordinal, name, status, config, metrics, created_at, started_at, completed_at, duration_seconds, error, outcome)
        VALUES (@Id, @SessionId, @Ordinal, @Name, @Status, @Config, @Metrics, @CreatedAt, @StartedAt, @CompletedAt, @DurationSeconds, @Error, @Outcome)
        """,
        experiment);

    public static void Update(SqliteConnection connection, Experiment experiment) => connection.Execute(
        """
        UPDATE experiments SET status = @Status, metrics = @Metrics, started_at = @StartedAt,
            completed_at = @CompletedAt, duration_seconds = @DurationSeconds, error = @Error
        WHERE id = @Id
        """,
        experiment);

    /// <summary>The experiment of any account; null if there is none.</summary>
    public static Experiment? Find(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Experiment>("SELECT * FROM experiments WHERE id = @id", new { id }) is { } experiment
            ? experiment with { Artifacts = ArtifactTable.OfExperiment(connection, id) }
            : null;

    /// <summary>The experiment, unless it is another account's, or older than what the plan keeps.</summary>
    public static Experiment Get(SqliteConnection connection, Account account, string id, DateTimeOffset now) =>
        Find(connection, id) is { } experiment && Owner(connection, experiment.SessionId) == account.Name && IsKept(experiment, account, now)
            ? experiment
            : throw ApiException.NotFound("experiment", id);

    public static IEnumerable<Experiment> OfSession(SqliteConnection connection, Account account, string sessionId, DateTimeOffset now)
    {
        var artifacts = ArtifactTable.OfSession(connection, sessionId);
        return connection.Query<Experiment>("SELECT * FROM experiments WHERE session_id = @sessionId ORDER BY ordinal", new { sessionId })
            .Where(experiment => IsKept(experiment, account, now))
            .Select(experiment => experiment with { Artifacts = [.. artifacts[experiment.Id]] });
    }

    /// <summary>The first experiment of the session, in the order in which they run, that is in this state.</summary>
    public static Experiment? First(SqliteConnection connection, string sessionId, string status) =>
        connection.QueryFirstOrDefault<Experiment>(
            "SELECT * FROM experiments WHERE session_id = @sessionId AND status = @status ORDER BY ordinal LIMIT 1",
            new { sessionId, status });

    public static int Count(SqliteConnection connection, string sessionId) =>
        connection.ExecuteScalar<int>("SELECT count(*) FROM experiments WHERE session_id = @sessionId", new { sessionId });

    private static string? Owner(SqliteConnection connection, string sessionId) =>
        connection.ExecuteScalar<string?>("SELECT account FROM sessions WHERE id = @sessionId", new { sessionId });

    /// <summary>[D] The trial plan keeps experiments for 30 days.</summary>
    private static bool IsKept(Experiment experiment, Account account, DateTimeOffset now) =>
        account.Plan.History is not { } history || (experiment.CompletedAt ?? now) + history > now;
}
