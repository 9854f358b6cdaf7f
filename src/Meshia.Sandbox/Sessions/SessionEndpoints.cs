using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Sessions;

internal sealed partial class SessionEndpoints(Database database, SessionLifecycle lifecycle, SessionCache cache, FaultBook faults, ApiKeys keys, SandboxClock clock)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/sessions", ListAsync);
        api.MapPost("/sessions", CreateAsync);
        api.MapGet("/sessions/{id}", (HttpContext context, string id) => Wire.Write(context.Response, cache.Get(context.GetAccount(), id).JsonAt(clock.Now)));
        api.MapPost("/sessions/{id}/stop", (HttpContext context, string id) => Results.Json(lifecycle.Stop(context.GetAccount(), id), Wire.Json));
    }

    public void MapSandbox(IEndpointRouteBuilder sandbox)
    {
        sandbox.MapPost("/sessions", async (HttpContext context) =>
        {
            var body = await RequestBody.ReadAsync(context.Request);
            var count = (int)body.Integer("count", 1, 100_000);
            lifecycle.CreateStopped(keys.AccountOf(body.OptionalText("account") ?? Account.Main), count);
            return Results.Json(new { count }, Wire.Json, statusCode: StatusCodes.Status201Created);
        });
        sandbox.MapPost("/sessions/{id}/activity", (string id) => Results.Json(lifecycle.KeepBusy(id).At(clock.Now), Wire.Json));
    }

    private async Task ListAsync(HttpContext context, string? status, string? limit, string? cursor)
    {
        if (status is not null && !SessionStatus.All.Contains(status))
            throw ApiException.Invalid($"'status' must be one of {string.Join(", ", SessionStatus.All)}.");

        var lag = context.Features.Get<ListLag>();
        // A list that lags shows other states than the stored ones, so the filter comes after it.
        var stored = lag is null ? status : null;
        await using var connection = database.Open();
        var account = context.GetAccount();
        if (limit is null && cursor is null)
        {
            var all = SessionTable.Stream(connection, account, stored);
            await context.Response.WriteAsJsonAsync(
                new { sessions = Show(all, lag, status, context.RequestAborted) }, Wire.Json, context.RequestAborted);
            return;
        }

        var size = ParseLimit(limit);
        var page = SessionTable.Page(connection, account, stored, cursor is null ? null : SessionCursor.Parse(cursor), size + 1);
        var kept = page.Take(size).ToList();
        var next = page.Count > size ? new SessionCursor(kept[^1].CreatedAt, kept[^1].Seq).ToString() : null;
        var sessions = kept.Select(session => Show(session, lag, status)).OfType<Session>();
        await context.Response.WriteAsJsonAsync(new { sessions, next_cursor = next }, Wire.Json, context.RequestAborted);
    }

    private async IAsyncEnumerable<Session> Show(
        IAsyncEnumerable<Session> sessions, ListLag? lag, string? status, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var session in sessions.WithCancellation(cancellationToken))
        {
            if (Show(session, lag, status) is { } shown)
                yield return shown;
        }
    }

    private Session? Show(Session session, ListLag? lag, string? status)
    {
        var shown = lag is null ? session : lag.Show(session);
        return shown is not null && (status is null || shown.Status == status) ? shown.At(clock.Now) : null;
    }

    private async Task CreateAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request);
        var name = SessionName.Check(body.Text("name"));
        var gpu = body.Text("gpu");
        var repo = body.OptionalText("repo");
        var (account, plan) = (context.GetAccount(), context.GetAccount().Plan);
        if (!Plan.AllGpus.Contains(gpu))
            throw ApiException.Invalid($"'gpu' must be one of {string.Join(", ", Plan.AllGpus)}.");
        if (repo is not null && !Repository.IsMatch(repo))
            throw ApiException.Invalid("'repo' must look like github:user/repo.");
        if (!plan.Gpus.Contains(gpu))
            throw ApiException.PlanLimit($"The {plan.Name} plan allows only {string.Join(", ", plan.Gpus)}.");

        var fault = faults.NextForSession(name);
        if (fault is not null)
            context.NameFault(fault);
        if (fault?.Effect == FaultEffect.NoCapacity)
            throw new ApiException(fault.Status ?? StatusCodes.Status503ServiceUnavailable, ErrorCodes.NoCapacity, $"No {gpu} is free at the moment. Try again later.");
        var session = lifecycle.Create(account, name, gpu, repo, fault);
        context.Response.Headers.Location = $"{context.Request.Path}/{session.Id}";
        context.Response.StatusCode = StatusCodes.Status201Created;
        Wire.Write(context.Response, JsonSerializer.SerializeToUtf8Bytes(session, Wire.Json));
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
