using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Webhooks;

internal sealed class WebhookEndpoints(
    Database database, Seed seed, WebhookOutbox outbox, WakeSignal wake, SandboxClock clock)
{
    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks", (HttpContext context) =>
        {
            using var connection = database.Open();
            var webhooks = WebhookTable.All(connection, context.GetAccount().Name).Where(webhook => context.IsListed(webhook.Id, webhook.CreatedAt));
            return Results.Json(new { webhooks }, Wire.Json);
        });
        api.MapPost("/webhooks", CreateAsync);
        api.MapDelete("/webhooks/{id}", (HttpContext context, string id) => database.Write(connection => WebhookTable.Delete(connection, context.GetAccount(), id))
            ? Results.NoContent()
            : throw ApiException.NotFound("webhook", id));
    }

    public void MapSandbox(IEndpointRouteBuilder sandbox)
    {
        sandbox.MapGet("/deliveries", (HttpRequest request) =>
        {
            using var connection = database.Open();
            var deliveries = DeliveryTable.Deliveries(connection, request.Query["webhook_id"]);
            return Results.Json(new { deliveries }, Wire.Json);
        });
        sandbox.MapDelete("/deliveries", () =>
        {
            database.Write(DeliveryTable.ClearDeliveries);
            return Results.NoContent();
        });
        sandbox.MapPost("/deliveries/{id}/resend", (string id) =>
        {
            var messageId = database.Write(connection =>
            {
                var delivery = DeliveryTable.GetDelivery(connection, id);
                var webhook = WebhookTable.Get(connection, delivery.WebhookId);
                return outbox.Send(connection, webhook.Id, delivery.Event, delivery.RequestBody, clock.Now);
            });
            wake.Set();
            return Results.Json(new { message_id = messageId }, Wire.Json, statusCode: StatusCodes.Status202Accepted);
        });
    }

    private async Task<IResult> CreateAsync(HttpRequest request)
    {
        var account = request.HttpContext.GetAccount();
        if (!account.Plan.HasWebhooks)
            throw ApiException.PlanLimit($"The {account.Plan.Name} plan has no webhooks.");

        var body = await RequestBody.ReadAsync(request);
        var url = body.Text("url", 2048);
        var events = body.Texts("events");
        var secret = body.OptionalText("secret");
        if (!IsAllowed(url))
            throw ApiException.Invalid("'url' must be an https address; http is allowed only for a receiver on this machine.");
        if (events.FirstOrDefault(name => !WebhookEvents.All.Contains(name)) is { } unknown)
            throw ApiException.Invalid($"'events' has the unknown '{unknown}'. Known are {string.Join(", ", WebhookEvents.All)}.");
        if (secret is "")
            throw ApiException.Invalid("'secret' must not be empty. Leave it out for no secret.");

        var webhook = database.Write(connection =>
        {
            var created = new Webhook
            {
                Id = seed.Id("wh", Database.NextNumber(connection, "webhooks")),
                Account = account.Name,
                Url = url,
                EventList = string.Join(' ', events),
                CreatedAt = clock.Now,
            };
            WebhookTable.Insert(connection, created, secret);
            outbox.Ping(connection, created.Id, created.CreatedAt);
            return created;
        });

        // The receiver may be the caller itself, busy until this is answered: the ping must not be waited for.
        request.HttpContext.Response.OnCompleted(() =>
        {
            wake.Set();
            return Task.CompletedTask;
        });
        request.HttpContext.Response.Headers.Location = $"{request.Path}/{webhook.Id}";
        return Results.Json(webhook, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static bool IsAllowed(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.UserInfo.Length == 0
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));
}
