using System.Globalization;
using System.Text.RegularExpressions;
using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Sessions;

internal sealed partial class SessionEndpoints(Database database, SessionLifecycle lifecycle, Plan plan)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions", ListAsync);
        api.MapPost("/sessions", CreateAsync);
        api.MapGet("/sessions/{id}", (HttpContext context, string id) =>
        {
            using var connection = database.Open();
            return Results.Json(SessionTable.Get(connection, id), Wire.Json);
        });
        api.MapPost("/sessions/{id}/stop", (string id) => Results.Json(lifecycle.Stop(id), Wire.Json));
    }

    public void MapSandbox(IEndpointRouteBuilder sandbox) => sandbox.MapPost("/sessions", async (HttpRequest request) =>
    {
        var count = (int)(await RequestBody.ReadAsync(request)).Integer("count", 1, 100_000);
        lifecycle.CreateStopped(count);
        return Results.Json(new { count }, Wire.Json, statusCode: StatusCodes.Status201Created);
    });

    private async Task ListAsync(HttpContext context, string? status, string? limit, string? cursor)
    {
        if (status is not null && !SessionStatus.All.Contains(status))
            throw ApiException.Invalid($"'status' must be one of {string.Join(", ", SessionStatus.All)}.");

        await using var connection = database.Open();
        if (limit is null && cursor is null)
        {
            await context.Response.WriteAsJsonAsync(
                new { sessions = SessionTable.Stream(connection, status) }, Wire.Json, context.RequestAborted);
            return;
        }

        var size = ParseLimit(limit);
        var page = SessionTable.Page(connection, status, cursor is null ? null : SessionCursor.Parse(cursor), size + 1);
        var sessions = page.Take(size).ToList();
        var next = page.Count > size ? new SessionCursor(sessions[^1].CreatedAt, sessions[^1].Seq).ToString() : null;
        await context.Response.WriteAsJsonAsync(new { sessions, next_cursor = next }, Wire.Json, context.RequestAborted);
    }

    private async Task<IResult> CreateAsync(HttpRequest request)
    {
        var body = await RequestBody.ReadAsync(request);
        var name = body.Text("name", 200);
        var gpu = body.Text("gpu");
        var repo = body.OptionalText("repo");
        if (!Plan.AllGpus.Contains(gpu))
            throw ApiException.Invalid($"'gpu' must be one of {string.Join(", ", Plan.AllGpus)}.");
        if (repo is not null && !Repository.IsMatch(repo))
            throw ApiException.Invalid("'repo' must look like github:user/repo.");
        if (!plan.Gpus.Contains(gpu))
            throw ApiException.PlanLimit($"The {plan.Name} plan allows only {string.Join(", ", plan.Gpus)}.");

        var session = lifecycle.Create(name, gpu, repo);
        request.HttpContext.Response.Headers.Location = $"{request.Path}/{session.Id}";
        return Results.Json(session, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static int ParseLimit(string? limit) => limit switch
    {
        null => DefaultLimit,
        _ when int.TryParse(limit, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= MaxLimit => size,
        _ => throw ApiException.Invalid($"'limit' must be a whole number from 1 to {MaxLimit}."),
    };

    [GeneratedRegex(@"\Agithub:[A-Za-z0-9-]+/[A-Za-z0-9._-]+\z")]
    private static partial Regex Repository { get; }
}
