using Meshia.Sandbox.Artifacts;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Experiments;

internal sealed class ExperimentEndpoints(Database database, ArtifactContent content, ExperimentAddition addition, SandboxClock clock)
{
    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions/{id}/experiments", (HttpContext context, string id) =>
        {
            using var connection = database.Open();
            var (account, now) = (context.GetAccount(), clock.Now);
            var session = Sessions.SessionTable.Get(connection, account, id);
            var experiments = ExperimentTable.OfSession(connection, account, session.Id, now)
                .Where(experiment => context.IsListed(experiment.Id, experiment.CreatedAt))
                .Select(experiment => content.WithHashes(experiment).At(now))
                .ToList();
            return Results.Json(new { experiments }, Wire.Json);
        });
        api.MapGet("/experiments/{id}", (HttpContext context, string id) =>
        {
            using var connection = database.Open();
            return Results.Json(Get(context, connection, id), Wire.Json);
        });
        api.MapPost("/experiments/compare", async (HttpContext context) =>
        {
            var ids = (await RequestBody.ReadAsync(context.Request)).Texts("experiment_ids");
            if (ids.Count < 2)
                throw ApiException.Invalid("'experiment_ids' must name at least two different experiments.");

            using var connection = database.Open();
            return Results.Json(Comparison.Of([.. ids.Select(id => Get(context, connection, id))]), Wire.Json);
        });
    }

    public void MapSandbox(IEndpointRouteBuilder sandbox) => sandbox.MapPost("/experiments", async (HttpRequest request) =>
        Results.Json(content.WithHashes(addition.Add(await RequestBody.ReadAsync(request))), Wire.Json, statusCode: StatusCodes.Status201Created));

    private Experiment Get(HttpContext context, Microsoft.Data.Sqlite.SqliteConnection connection, string id)
    {
        var now = clock.Now;
        return content.WithHashes(ExperimentTable.Get(connection, context.GetAccount(), id, now)).At(now);
    }
}
