using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Sessions;

namespace Meshia.Sandbox.Experiments;

internal sealed class ExperimentEndpoints(Database database, TimeProvider time)
{
    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions/{id}/experiments", (string id) =>
        {
            using var connection = database.Open();
            var session = SessionTable.Get(connection, id);
            var now = time.GetUtcNow();
            var experiments = ExperimentTable.OfSession(connection, session.Id).Select(experiment => experiment.At(now)).ToList();
            return Results.Json(new { experiments }, Wire.Json);
        });
        api.MapGet("/experiments/{id}", (string id) =>
        {
            using var connection = database.Open();
            return Results.Json(ExperimentTable.Get(connection, id).At(time.GetUtcNow()), Wire.Json);
        });
        api.MapPost("/experiments/compare", async (HttpRequest request) =>
        {
            var ids = (await RequestBody.ReadAsync(request)).Texts("experiment_ids");
            if (ids.Count < 2)
                throw ApiException.Invalid("'experiment_ids' must name at least two different experiments.");

            using var connection = database.Open();
            var now = time.GetUtcNow();
            return Results.Json(Comparison.Of([.. ids.Select(id => ExperimentTable.Get(connection, id).At(now))]), Wire.Json);
        });
    }
}
