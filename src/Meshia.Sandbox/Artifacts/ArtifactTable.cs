using Dapper;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Artifacts;

internal static class ArtifactTable
{
    public static void Insert(SqliteConnection connection, Artifact artifact) => connection.Execute(
        """
        INSERT INTO artifacts (id, experiment_id, name, size_bytes, content_type, sha256, created_at, content)
        VALUES (@Id, @ExperimentId, @Name, @SizeBytes, @ContentType, @Sha256, @CreatedAt, @Kind)
        """,
        new
        {
            artifact.Id,
            artifact.ExperimentId,
            artifact.Name,
            artifact.SizeBytes,
            artifact.ContentType,
            artifact.Sha256,
            artifact.CreatedAt,
            Kind = artifact.Content.ToString(),
        });

    public static Artifact? Find(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Artifact>("SELECT * FROM artifacts WHERE id = @id", new { id });

    public static Artifact Get(SqliteConnection connection, string id) =>
        Find(connection, id) ?? throw ApiException.NotFound("artifact", id);

    public static List<Artifact> OfExperiment(SqliteConnection connection, string experimentId) =>
        connection.Query<Artifact>("SELECT * FROM artifacts WHERE experiment_id = @experimentId ORDER BY seq", new { experimentId }).AsList();

    public static ILookup<string, Artifact> OfSession(SqliteConnection connection, string sessionId) => connection.Query<Artifact>(
        """
        SELECT artifacts.* FROM artifacts JOIN experiments ON experiments.id = artifacts.experiment_id
        WHERE experiments.session_id = @sessionId ORDER BY artifacts.seq
        """,
        new { sessionId }).ToLookup(artifact => artifact.ExperimentId);
}
