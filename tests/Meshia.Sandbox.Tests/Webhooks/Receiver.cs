using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Meshia.Sandbox.Tests.Webhooks;

/// <summary>What a receiver was sent.</summary>
internal sealed record Received(string Path, string ContentType, string? Signature, string Headers, byte[] Body)
{
    public System.Text.Json.JsonElement Json => TestSandbox.Parse(System.Text.Encoding.UTF8.GetString(Body));

    public string? Event => Json.GetProperty("event").GetString();
}

/// <summary>A real receiver of webhooks on loopback. It answers as <see cref="Respond"/> says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>();
    private readonly WebApplication _app;

    private Receiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var signature = context.Request.Headers["X-Meshia-Signature"];
            var headers = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal));
            await _received.Writer.WriteAsync(new(context.Request.Path, context.Request.ContentType ?? "", signature, headers, body.ToArray()));
            await Respond(context);
        });
    }

    public Func<HttpContext, Task> Respond { get; set; } = _ => Task.CompletedTask;

    public Uri Url => new(new Uri(_app.Urls.Single()), "/hook");

    public int Waiting => _received.Reader.Count;

    public static async Task<Receiver> StartAsync()
    {
        var receiver = new Receiver();
        await receiver._app.StartAsync(TestSandbox.Cancel);
        return receiver;
    }

    /// <summary>The next request; waits for it.</summary>
    public ValueTask<Received> NextAsync() => _received.Reader.ReadAsync(TestSandbox.Cancel);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
