using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Faults;

internal sealed class FaultEndpoints(FaultBook faults)
{
    public void MapSandbox(IEndpointRouteBuilder sandbox)
    {
        sandbox.MapGet("/faults", () => Results.Json(new { faults = faults.All }, Wire.Json));
        sandbox.MapGet("/faults/{id}", (string id) => Results.Json(faults.Get(id), Wire.Json));
        sandbox.MapPost("/faults", async (HttpRequest request) =>
            Results.Json(faults.Add(await RequestBody.ReadAsync(request)), Wire.Json, statusCode: StatusCodes.Status201Created));
        sandbox.MapPut("/faults", async (HttpRequest request) =>
        {
            faults.ReplaceAll(FaultsAtStart.ListOf(await RequestBody.ReadAsync(request)));
            return Results.Json(new { faults = faults.All }, Wire.Json);
        });
        sandbox.MapPut("/faults/{id}", async (HttpRequest request, string id) =>
            Results.Json(faults.Replace(id, await RequestBody.ReadAsync(request)), Wire.Json));
        sandbox.MapDelete("/faults", () =>
        {
            faults.Clear();
            return Results.NoContent();
        });
        sandbox.MapDelete("/faults/{id}", (string id) =>
        {
            faults.Remove(id);
            return Results.NoContent();
        });
    }
}
