using System.Collections.Concurrent;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

// bare:     a minimal API that keeps sessions in memory, and nothing else.
// wiremock: WireMock.Net with the two answers as mappings.
// Each prints its address when it is ready, and ends with its standard input.
const string Session = """{"id":"s1","name":"bench","status":"running","gpu":"rtx4090","created_at":"2026-01-02T03:04:05Z"}""";
if (args is ["wiremock"])
{
    using var mock = WireMockServer.Start();
    mock.Given(Request.Create().UsingGet()).RespondWith(Answer(200));
    mock.Given(Request.Create().UsingPost()).RespondWith(Answer(201));
    Console.WriteLine($"{mock.Url}/");
    await Console.In.ReadToEndAsync();
    return;
}

var sessions = new ConcurrentDictionary<string, NewSession>();
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
await using var app = builder.Build();
app.Urls.Add("http://127.0.0.1:0");
app.MapGet("/sessions/{id}", (string id) => Results.Text(Session, "application/json"));
app.MapPost("/sessions", (NewSession session) =>
{
    var id = Guid.NewGuid().ToString("N");
    sessions[id] = session;
    return Results.Created($"/sessions/{id}", new { id, session.Name, session.Gpu, status = "provisioning" });
});
await app.StartAsync();
Console.WriteLine($"{app.Urls.First()}/");
await Console.In.ReadToEndAsync();

static IResponseBuilder Answer(int status) => Response.Create().WithStatusCode(status).WithHeader("Content-Type", "application/json").WithBody(Session);

/// <summary>The body of a request.</summary>
internal sealed record NewSession(string Name, string Gpu);
