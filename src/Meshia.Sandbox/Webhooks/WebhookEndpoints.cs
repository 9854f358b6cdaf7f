using Meshia.Sandbox.Connection;

namespace Meshia.Sandbox.Webhooks;

internal sealed class WebhookEndpoints(
    Database database, Seed seed, Plan plan, WebhookOutbox outbox, WakeSignal wake, TimeProvider time)
{
    public void MapApi(IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks", () =>
        {
            using var connection = database.Open();
            return Results.Json(new { webhooks = WebhookTable.All(connection) }, Wire.Json);
        });
        api.MapPost("/webhooks", CreateAsync);
        api.MapDelete("/webhooks/{id}", (string id) => database.Write(connection => WebhookTable.Delete(connection, id))
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
        sandbox.MapPost("/deliveries/{id}/resend", (string id) =>
        {
            var messageId = database.Write(connection =>
            {
                var delivery = DeliveryTable.GetDelivery(connection, id);
                var webhook = WebhookTable.Get(connection, delivery.WebhookId);
                return outbox.Send(connection, webhook.Id, delivery.Event, delivery.RequestBody, time.GetUtcNowInMilliseconds());
            });
            wake.Set();
            return Results.Json(new { message_id = messageId }, Wire.Json, statusCode: StatusCodes.Status202Accepted);
        });
    }

    private async Task<IResult> CreateAsync(HttpRequest request)
    {
        if (!plan.HasWebhooks)
            throw ApiException.PlanLimit($"The {plan.Name} plan has no webhooks.");

        var body = await RequestBody.ReadAsync(request);
        var url = body.Text("url", 2048);
        var events = body.Texts("events");
        var secret = body.OptionalText("secret");
        if (!IsAllowed(url))
            throw ApiException.Invalid("'url' must be an https address; http is taken only for a receiver on loopback.");
        if (events.FirstOrDefault(name => !WebhookEvents.All.Contains(name)) is { } unknown)
            throw ApiException.Invalid($"'events' has the unknown '{unknown}'. Known are {string.Join(", ", WebhookEvents.All)}.");
        if (secret is "")
            throw ApiException.Invalid("'secret' must not be empty. Leave it out to have none.");

        var webhook = database.Write(connection =>
        {
            var created = new Webhook
            {
                Id = seed.Id("wh", Database.NextNumber(connection, "webhooks")),
                Url = url,
                EventList = string.Join(' ', events),
                CreatedAt = time.GetUtcNowInMilliseconds(),
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
