using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Experiments;

namespace Meshia.Sandbox.Artifacts;

internal sealed class ArtifactEndpoints(
    Database database, Seed seed, ArtifactContent content, SignedUrl signedUrl, Origins origins, TimeProvider time)
{
    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/experiments/{id}/artifacts", (string id) =>
        {
            using var connection = database.Open();
            return Results.Json(new { artifacts = ExperimentTable.Get(connection, id).Artifacts }, Wire.Json);
        });
        api.MapGet("/artifacts/{id}/download", (string id) =>
        {
            using var connection = database.Open();
            var (url, expiresAt) = signedUrl.Make(origins.Storage, ArtifactTable.Get(connection, id).Id);
            return Results.Json(new { url, expires_at = expiresAt }, Wire.Json);
        });
    }

    public void MapSandbox(IEndpointRouteBuilder sandbox) => sandbox.MapPost("/artifacts", async (HttpRequest request) =>
    {
        var body = await RequestBody.ReadAsync(request);
        var experimentId = body.Text("experiment_id");
        var name = body.Text("name");
        var size = body.Integer("size_bytes", 0, Artifact.MaxBytes);
        using (var connection = database.Open())
            ExperimentTable.Get(connection, experimentId);

        // Hashing 2 GB takes seconds: outside the transaction.
        var number = database.Write(connection => Database.NextNumber(connection, "artifacts"));
        var artifact = content.MakeNoise(seed.Id("art", number), experimentId, name, size, time.GetUtcNowInMilliseconds());
        database.Write(connection => ArtifactTable.Insert(connection, artifact));
        return Results.Json(artifact, Wire.Json, statusCode: StatusCodes.Status201Created);
    });
}
