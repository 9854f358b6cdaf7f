using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Meshia.Tests;

/// <summary>
/// A service on loopback that answers what a test tells it to and remembers what it was asked. It knows nothing of the
/// API, and shares no code with the sandbox.
/// </summary>
internal sealed class ScriptedService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenRequest> _requests = new();

    private ScriptedService(Func<SeenRequest, HttpContext, Task> script)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        _app = builder.Build();
        _app.Run(async context =>
        {
            var request = await SeenRequest.ReadAsync(context.Request);
            _requests.Enqueue(request);
            await script(request, context);
        });
    }

    /// <summary>Everything that was asked, in the order in which it came.</summary>
    public IReadOnlyList<SeenRequest> Requests => [.. _requests];

    public Uri Origin => new(_app.Urls.First());

    public Uri BaseUri => new(Origin, "/api/v1");

    public static async Task<ScriptedService> StartAsync(Func<SeenRequest, HttpContext, Task> script)
    {
        var service = new ScriptedService(script);
        await service._app.StartAsync();
        return service;
    }

    public static Task<ScriptedService> StartAsync(Func<SeenRequest, Reply> script) =>
        StartAsync((request, context) => script(request).SendAsync(context.Response));

    /// <summary>Gives the replies one after the other, and the last of them for ever.</summary>
    public static Task<ScriptedService> StartAsync(params Reply[] replies)
    {
        var next = -1;
        return StartAsync(_ => replies[Math.Min(Interlocked.Increment(ref next), replies.Length - 1)]);
    }

    public async ValueTask DisposeAsync()
    {
        // A script may be holding an answer back for ever.
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>A request as it came in.</summary>
internal sealed record SeenRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>Method and path below the base address, as the documentation writes an endpoint.</summary>
    public string Endpoint => $"{Method} {(Path.StartsWith("/api/v1", StringComparison.Ordinal) ? Path["/api/v1".Length..] : Path)}{Query}";

    public static async Task<SeenRequest> ReadAsync(HttpRequest request)
    {
        using var body = new StreamReader(request.Body);
        var headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        // As it stands on the wire: the decoded path would hide what an id was made into.
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        return new(request.Method, target[0], target.Length > 1 ? $"?{target[1]}" : "", headers, await body.ReadToEndAsync());
    }
}

/// <summary>An ordinary answer.</summary>
internal sealed record Reply(int Status, string Body = "", string? ContentType = "application/json")
{
    private readonly List<(string Name, string Value)> _headers = [];

    public static Reply Ok(string json) => new(200, json);

    public static Reply Error(int status, string code, string message = "As the test says.") =>
        new(status, $$$"""{"error":{"code":"{{{code}}}","message":"{{{message}}}"}}""");

    public Reply With(string name, string value)
    {
        _headers.Add((name, value));
        return this;
    }

    public async Task SendAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        foreach (var (name, value) in _headers)
            response.Headers.Append(name, value);
        if (ContentType is not null && Body.Length > 0)
            response.ContentType = ContentType;
        if (Body.Length > 0)
            await response.WriteAsync(Body);
    }
}
