using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Experiments;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Artifacts;

internal sealed class ArtifactEndpoints(
    Database database, Seed seed, ArtifactContent content, SignedUrl signedUrl, Origins origins, ApiKeys keys, SandboxClock clock)
{
    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/experiments/{id}/artifacts", (HttpContext context, string id) =>
        {
            using var connection = database.Open();
            var experiment = ExperimentTable.Get(connection, context.GetAccount(), id, clock.Now);
            var artifacts = content.WithHashes(experiment).Artifacts.Where(artifact => context.IsListed(artifact.Id, artifact.CreatedAt));
            return Results.Json(new { artifacts }, Wire.Json);
        });
        api.MapGet("/artifacts/{id}/download", (HttpContext context, string id) =>
        {
            using var connection = database.Open();
            var (url, expiresAt) = signedUrl.Make(origins.Storage, ArtifactTable.Get(connection, context.GetAccount(), id).Id);
            return Results.Json(new { url, expires_at = expiresAt }, Wire.Json);
        });
    }

    public void MapSandbox(IEndpointRouteBuilder sandbox) => sandbox.MapPost("/artifacts", async (HttpRequest request) =>
    {
        var body = await RequestBody.ReadAsync(request);
        var experimentId = body.Text("experiment_id");
        var name = body.Text("name");
        var size = body.Integer("size_bytes", 0, Artifact.MaxBytes);
        var (artifact, experiment) = database.Write(connection =>
        {
            var experiment = ExperimentTable.Find(connection, experimentId) ?? throw ApiException.NotFound("experiment", experimentId);
            var account = keys.AccountOf(SessionTable.Find(connection, experiment.SessionId)!.Account);
            var id = seed.Id("art", Database.NextNumber(connection, "artifacts"));
            var artifact = ArtifactContent.MakeNoise(id, experimentId, name, size, clock.Now);
            return ArtifactTable.TryInsert(connection, artifact, account.Name, account.Plan)
                ? (artifact, experiment)
                : throw new ApiException(StatusCodes.Status402PaymentRequired, ErrorCodes.QuotaExceeded,
                    $"The {account.Plan.Name} plan stores {account.Plan.ArtifactBytes >> 30} GB of artifacts, and this one would exceed them.");
        });
        return Results.Json(content.WithHash(artifact, experiment), Wire.Json, statusCode: StatusCodes.Status201Created);
    });
}
