using System.Reflection;
using System.Text.Json;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Journal;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Time;
using Meshia.Sandbox.Webhooks;

namespace Meshia.Sandbox.Page;

/// <summary>A page to look at the sandbox with, and the stream of events that it shows. The page asks for nothing from elsewhere.</summary>
internal sealed class PageEndpoints(Database database, RequestJournal journal, FaultBook faults, SandboxClock clock)
{
    private const int MaxRows = 100;

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(250);

    public static void Map(IEndpointRouteBuilder app)
    {
        MapFile(app, "/", "page.html", "text/html; charset=utf-8");
        MapFile(app, "/page.css", "page.css", "text/css; charset=utf-8");
        MapFile(app, "/page.js", "page.js", "text/javascript; charset=utf-8");
        app.MapGet("/page-effects.json", () => Results.Json(Enum.GetNames<FaultEffect>(), Wire.Json));
        app.MapGet("/favicon.ico", () => Results.NoContent());
    }

    public void MapSandbox(IEndpointRouteBuilder sandbox) => sandbox.MapGet("/stream", StreamAsync);

    private static void MapFile(IEndpointRouteBuilder app, string path, string resource, string contentType)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        var bytes = buffer.ToArray();
        app.MapGet(path, (HttpResponse response) =>
        {
            response.Headers.ContentSecurityPolicy = Policy;
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers["Referrer-Policy"] = "no-referrer";
            return Results.Bytes(bytes, contentType);
        });
    }

    /// <summary>Server-sent events: <c>request</c> for each request, <c>state</c> whenever what the page shows has changed.</summary>
    private async Task StreamAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        var shown = "";
        for (var number = 0L; ; await Task.Delay(_period, cancel))
        {
            foreach (var entry in journal.Find(null, null, number))
            {
                number = entry.Number;
                await SendAsync("request", JsonSerializer.Serialize(new { entry.Number, entry.At, entry.Method, entry.Path, entry.Query, entry.Status, entry.Fault }, Wire.Json));
            }

            var (state, comparable) = State();
            if (comparable == shown)
                continue;
            shown = comparable;
            await SendAsync("state", state);
        }

        async Task SendAsync(string name, string data)
        {
            await context.Response.WriteAsync($"event: {name}\ndata: {data}\n\n", cancel);
            await context.Response.Body.FlushAsync(cancel);
        }
    }

    /// <summary>What the page shows, and the part of it whose change is worth telling: a clock that runs is not.</summary>
    private (string State, string Comparable) State()
    {
        using var connection = database.Open();
        var now = clock.Now;
        var sessions = SessionTable.Newest(connection, MaxRows);
        var deliveries = DeliveryTable.Newest(connection, MaxRows);
        var state = JsonSerializer.Serialize(new { now, clock.StandsStill, faults = faults.All, sessions, deliveries }, Wire.Json);
        var comparable = JsonSerializer.Serialize(new { at = clock.StandsStill ? now : clock.Start, faults = faults.All, sessions, deliveries }, Wire.Json);
        return (state, comparable);
    }
}
