using System.Text.Json;
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
            faults.ReplaceAll((await RequestBody.ReadAsync(request)).Objects("faults"));
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

/// <summary>The faults of the file that was given at the start.</summary>
internal sealed class FaultsAtStart
{
    private readonly string? _path;
    private readonly IReadOnlyList<RequestBody> _faults = [];

    /// <summary>Reads the file: <c>{"faults": […]}</c>, or the array alone.</summary>
    /// <exception cref="InvalidDataException">The file does not hold faults; the message says what is wrong.</exception>
    public FaultsAtStart(string? path)
    {
        _path = path;
        if (path is null)
            return;
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(path));
            _faults = [.. root.ValueKind == JsonValueKind.Array ? RequestBody.ObjectsOf(root, "faults") : new RequestBody(root).Objects("faults")];
            foreach (var fault in _faults)
                Fault.Read(fault, "check");
        }
        catch (Exception exception) when (exception is JsonException or ApiException)
        {
            throw new InvalidDataException($"'{_path}' is not a file of faults: {exception.Message}", exception);
        }
    }

    public void Set(FaultBook faults) => faults.ReplaceAll(_faults);
}
