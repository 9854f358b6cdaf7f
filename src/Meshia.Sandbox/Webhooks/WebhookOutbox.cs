using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Meshia.Sandbox.Faults;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Webhooks;

/// <summary>Writes down what webhooks are to be told, in the transaction in which it happens.</summary>
internal sealed class WebhookOutbox(Seed seed, FaultBook faults)
{
    /// <summary>[D] The body: event, timestamp, session_id, data.</summary>
    public void Publish(SqliteConnection connection, string account, string eventName, DateTimeOffset at, string? sessionId, JsonObject data)
    {
        var webhooks = WebhookTable.All(connection, account).Where(webhook => webhook.Events.Contains(eventName)).ToList();
        if (webhooks.Count == 0)
            return;
        var body = new JsonObject
        {
            ["event"] = eventName,
            ["timestamp"] = Wire.Time(at),
            ["session_id"] = sessionId,
            ["data"] = data,
        }.ToJsonString(Wire.Json);
        foreach (var webhook in webhooks)
            Send(connection, webhook.Id, eventName, body, at);
    }

    public void Ping(SqliteConnection connection, string webhookId, DateTimeOffset at) => Send(
        connection, webhookId, WebhookEvents.Ping,
        new JsonObject { ["event"] = WebhookEvents.Ping, ["timestamp"] = Wire.Time(at) }.ToJsonString(Wire.Json), at);

    public string Send(SqliteConnection connection, string webhookId, string eventName, string body, DateTimeOffset at)
    {
        var fault = faults.NextForMessage(eventName);
        var (number, id) = NextId(connection);
        switch (fault?.Effect)
        {
            case FaultEffect.Lose:
                DeliveryTable.InsertDelivery(connection, new Delivery
                {
                    Id = seed.Id("dlv", id, "1"),
                    MessageId = id,
                    MessageNumber = number,
                    WebhookId = webhookId,
                    Event = eventName,
                    Attempt = 1,
                    RequestBody = body,
                    LatencyMs = 0,
                    Error = "A fault lost the message: it was not sent.",
                    Fault = $"{fault.Id} {fault.Effect}",
                    CreatedAt = at,
                });
                return id;
            case FaultEffect.Duplicate:
                var (second, other) = NextId(connection);
                DeliveryTable.InsertMessage(connection, second, other, webhookId, eventName, body, at, fault);
                break;
            case FaultEffect.Reorder or FaultEffect.Delay:
                at += TimeSpan.FromSeconds(fault.Seconds ?? 5);
                break;
            case FaultEffect.BareNaN:
                body = Encoding.UTF8.GetString(BareNumbers.Write(Encoding.UTF8.GetBytes(body)));
                break;
        }

        DeliveryTable.InsertMessage(connection, number, id, webhookId, eventName, body, at, fault);
        return id;
    }

    private (long Number, string Id) NextId(SqliteConnection connection)
    {
        var number = Database.NextNumber(connection, "messages");
        return (long.Parse(number, CultureInfo.InvariantCulture), seed.Id("msg", number));
    }
}
