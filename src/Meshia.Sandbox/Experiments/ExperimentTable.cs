using Dapper;
using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Experiments;

internal static class ExperimentTable
{
    public static void Insert(SqliteConnection connection, Experiment experiment) => connection.Execute(
        """
        INSERT INTO experiments (id, session_id, ordinal, name, status, config, metrics, created_at)
        VALUES (@Id, @SessionId, @Ordinal, @Name, @Status, @Config, @Metrics, @CreatedAt)
        """,
        experiment);

    public static void Update(SqliteConnection connection, Experiment experiment) => connection.Execute(
        """
        UPDATE experiments SET status = @Status, metrics = @Metrics, started_at = @StartedAt,
            completed_at = @CompletedAt, duration_seconds = @DurationSeconds, error = @Error
        WHERE id = @Id
        """,
        experiment);

    public static Experiment Get(SqliteConnection connection, string id)
    {
        var experiment = connection.QuerySingleOrDefault<Experiment>("SELECT * FROM experiments WHERE id = @id", new { id })
            ?? throw ApiException.NotFound("experiment", id);
        return experiment with { Artifacts = ArtifactTable.OfExperiment(connection, id) };
    }

    public static IEnumerable<Experiment> OfSession(SqliteConnection connection, string sessionId)
    {
        var artifacts = ArtifactTable.OfSession(connection, sessionId);
        return connection.Query<Experiment>("SELECT * FROM experiments WHERE session_id = @sessionId ORDER BY ordinal", new { sessionId })
            .Select(experiment => experiment with { Artifacts = [.. artifacts[experiment.Id]] });
    }

    /// <summary>The first experiment of the session, in the order in which they run, that is in this state.</summary>
    public static Experiment? First(SqliteConnection connection, string sessionId, string status) =>
        connection.QueryFirstOrDefault<Experiment>(
            "SELECT * FROM experiments WHERE session_id = @sessionId AND status = @status ORDER BY ordinal LIMIT 1",
            new { sessionId, status });
}
