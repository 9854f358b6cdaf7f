using System.Text.Json.Nodes;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Webhooks;

/// <summary>Sends events that nothing in the sandbox makes, such as those of plans and workflows.</summary>
internal sealed class EventEndpoints(Database database, WebhookOutbox outbox, ApiKeys keys, WakeSignal wake, SandboxClock clock)
{
    public void MapSandbox(IEndpointRouteBuilder sandbox) => sandbox.MapPost("/events", async (HttpRequest request) =>
    {
        var body = await RequestBody.ReadAsync(request);
        body.RefuseUnknown("event", "session_id", "account", "data");
        var name = body.Text("event");
        if (!WebhookEvents.All.Contains(name))
            throw ApiException.Invalid($"'event' must be one of {string.Join(", ", WebhookEvents.All)}.");
        var sessionId = body.OptionalText("session_id");
        var data = JsonNode.Parse(body.ObjectText("data"))!.AsObject();
        var webhooks = database.Write(connection =>
        {
            var session = sessionId is null ? null : SessionTable.Find(connection, sessionId) ?? throw ApiException.NotFound("session", sessionId);
            var account = session?.Account ?? keys.AccountOf(body.OptionalText("account") ?? Account.Main).Name;
            outbox.Publish(connection, account, name, clock.Now, sessionId, data);
            return WebhookTable.All(connection, account).Count(webhook => webhook.Events.Contains(name));
        });
        wake.Set();
        return Results.Json(new { Event = name, webhooks }, Wire.Json, statusCode: StatusCodes.Status202Accepted);
    });
}
