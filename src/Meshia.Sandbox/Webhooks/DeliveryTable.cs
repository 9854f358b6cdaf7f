using Dapper;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Faults;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Webhooks;

/// <summary>What is to be delivered (messages), and what was tried (deliveries).</summary>
internal static class DeliveryTable
{
    public static void InsertMessage(
        SqliteConnection connection, long number, string id, string webhookId, string eventName, string body, DateTimeOffset dueAt, Fault? fault) => connection.Execute(
        "INSERT INTO messages (number, id, webhook_id, event, body, due_at, fault, effect) VALUES (@number, @id, @webhookId, @eventName, @body, @dueAt, @fault, @effect)",
        new { number, id, webhookId, eventName, body, dueAt, fault = fault is null ? null : $"{fault.Id} {fault.Effect}", effect = fault?.Effect.ToString() });

    /// <summary>When the next attempt is due; null when none is.</summary>
    public static DateTimeOffset? NextDue(SqliteConnection connection) =>
        connection.ExecuteScalar<long?>("SELECT min(due_at) FROM messages") is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    public static List<string> WebhooksWithDue(SqliteConnection connection, DateTimeOffset now) =>
        connection.Query<string>("SELECT DISTINCT webhook_id FROM messages WHERE due_at <= @now", new { now }).AsList();

    public static Message? FirstDue(SqliteConnection connection, string webhookId, DateTimeOffset now) =>
        connection.QueryFirstOrDefault<Message>(
            """
            SELECT messages.id, messages.number, webhook_id, event, body, attempts, url, secret, fault, effect
            FROM messages JOIN webhooks ON webhooks.id = webhook_id
            WHERE webhook_id = @webhookId AND due_at <= @now ORDER BY due_at, messages.number LIMIT 1
            """,
            new { webhookId, now });

    public static void Retry(SqliteConnection connection, string messageId, DateTimeOffset dueAt) => connection.Execute(
        "UPDATE messages SET attempts = attempts + 1, due_at = @dueAt WHERE id = @messageId", new { messageId, dueAt });

    public static void Finish(SqliteConnection connection, string messageId) =>
        connection.Execute("DELETE FROM messages WHERE id = @messageId", new { messageId });

    public static void InsertDelivery(SqliteConnection connection, Delivery delivery) => connection.Execute(
        """
        INSERT INTO deliveries (id, message_id, message_number, webhook_id, event, attempt, request_body, response_status, latency_ms, error, fault, created_at)
        VALUES (@Id, @MessageId, @MessageNumber, @WebhookId, @Event, @Attempt, @RequestBody, @ResponseStatus, @LatencyMs, @Error, @Fault, @CreatedAt)
        """,
        delivery);

    public static List<Delivery> Deliveries(SqliteConnection connection, string? webhookId) => connection.Query<Delivery>(
        """
        SELECT * FROM deliveries WHERE @webhookId IS NULL OR webhook_id = @webhookId
        ORDER BY created_at DESC, message_number DESC, attempt DESC, seq DESC
        """, new { webhookId }).AsList();

    public static List<Delivery> Newest(SqliteConnection connection, int limit) =>
        connection.Query<Delivery>("SELECT * FROM deliveries ORDER BY seq DESC LIMIT @limit", new { limit }).AsList();

    public static void ClearDeliveries(SqliteConnection connection) => connection.Execute("DELETE FROM deliveries");

    public static Delivery GetDelivery(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Delivery>("SELECT * FROM deliveries WHERE id = @id", new { id })
        ?? throw ApiException.NotFound("delivery", id);
}
