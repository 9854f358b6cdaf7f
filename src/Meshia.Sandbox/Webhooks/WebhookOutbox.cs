using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Webhooks;

/// <summary>Writes down what webhooks are to be told, in the transaction in which it happens.</summary>
internal sealed class WebhookOutbox(Seed seed)
{
    /// <summary>[D] The body: event, timestamp, session_id, data.</summary>
    public void Publish(SqliteConnection connection, string eventName, DateTimeOffset at, string sessionId, JsonObject data)
    {
        var body = new PythonJson(new JsonObject
        {
            ["event"] = eventName,
            ["timestamp"] = Wire.Time(at),
            ["session_id"] = sessionId,
            ["data"] = data,
        }).ToString();
        foreach (var webhook in WebhookTable.All(connection).Where(webhook => webhook.Events.Contains(eventName)))
            Send(connection, webhook.Id, eventName, body, at);
    }

    public void Ping(SqliteConnection connection, string webhookId, DateTimeOffset at) => Send(
        connection, webhookId, WebhookEvents.Ping,
        new PythonJson(new JsonObject { ["event"] = WebhookEvents.Ping, ["timestamp"] = Wire.Time(at) }).ToString(), at);

    public string Send(SqliteConnection connection, string webhookId, string eventName, string body, DateTimeOffset at)
    {
        var id = seed.Id("msg", Database.NextNumber(connection, "messages"));
        DeliveryTable.InsertMessage(connection, id, webhookId, eventName, body, at);
        return id;
    }
}
