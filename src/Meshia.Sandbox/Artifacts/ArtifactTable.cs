using Dapper;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Artifacts;

internal static class ArtifactTable
{
    /// <summary>Stores an artifact; false where the plan of the account has no room for it.</summary>
    public static bool TryInsert(SqliteConnection connection, Artifact artifact, string account, Plan plan)
    {
        var used = connection.ExecuteScalar<long?>("SELECT artifact_bytes FROM accounts WHERE name = @account", new { account }) ?? 0;
        if (used + artifact.SizeBytes > plan.ArtifactBytes)
            return false;
        connection.Execute(
            """
            INSERT INTO accounts VALUES (@account, @Name, @SizeBytes)
            ON CONFLICT (name) DO UPDATE SET artifact_bytes = artifact_bytes + @SizeBytes
            """,
            new { account, plan.Name, artifact.SizeBytes });
        connection.Execute(
            """
            INSERT INTO artifacts (id, experiment_id, name, size_bytes, content_type, sha256, created_at, content, data)
            VALUES (@Id, @ExperimentId, @Name, @SizeBytes, @ContentType, @Sha256, @CreatedAt, @Kind, @Data)
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
                artifact.Data,
            });
        return true;
    }

    public static void SetHash(SqliteConnection connection, Artifact artifact) =>
        connection.Execute("UPDATE artifacts SET sha256 = @Sha256 WHERE id = @Id", new { artifact.Sha256, artifact.Id });

    /// <summary>The artifact of any account; null if there is none.</summary>
    public static Artifact? Find(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Artifact>("SELECT * FROM artifacts WHERE id = @id", new { id });

    public static Artifact Get(SqliteConnection connection, Account account, string id) => connection.QuerySingleOrDefault<Artifact>(
        """
        SELECT artifacts.* FROM artifacts JOIN experiments ON experiments.id = artifacts.experiment_id JOIN sessions ON sessions.id = experiments.session_id
        WHERE artifacts.id = @id AND account = @Name
        """,
        new { id, account.Name }) ?? throw ApiException.NotFound("artifact", id);

    public static List<Artifact> OfExperiment(SqliteConnection connection, string experimentId) =>
        connection.Query<Artifact>("SELECT * FROM artifacts WHERE experiment_id = @experimentId ORDER BY seq", new { experimentId }).AsList();

    public static ILookup<string, Artifact> OfSession(SqliteConnection connection, string sessionId) => connection.Query<Artifact>(
        """
        SELECT artifacts.* FROM artifacts JOIN experiments ON experiments.id = artifacts.experiment_id
        WHERE experiments.session_id = @sessionId ORDER BY artifacts.seq
        """,
        new { sessionId }).ToLookup(artifact => artifact.ExperimentId);
}
