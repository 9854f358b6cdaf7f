using Dapper;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Webhooks;

/// <summary>What is to be delivered (messages), and what was tried (deliveries).</summary>
internal static class DeliveryTable
{
    public static void InsertMessage(
        SqliteConnection connection, string id, string webhookId, string eventName, string body, DateTimeOffset dueAt) => connection.Execute(
        "INSERT INTO messages (id, webhook_id, event, body, due_at) VALUES (@id, @webhookId, @eventName, @body, @dueAt)",
        new { id, webhookId, eventName, body, dueAt });

    public static List<string> WebhooksWithDue(SqliteConnection connection, DateTimeOffset now) =>
        connection.Query<string>("SELECT DISTINCT webhook_id FROM messages WHERE due_at <= @now", new { now }).AsList();

    public static Message? FirstDue(SqliteConnection connection, string webhookId, DateTimeOffset now) =>
        connection.QueryFirstOrDefault<Message>(
            """
            SELECT messages.id, webhook_id, event, body, attempts, url, secret
            FROM messages JOIN webhooks ON webhooks.id = webhook_id
            WHERE webhook_id = @webhookId AND due_at <= @now ORDER BY due_at, messages.seq LIMIT 1
            """,
            new { webhookId, now });

    public static void Retry(SqliteConnection connection, string messageId, DateTimeOffset dueAt) => connection.Execute(
        "UPDATE messages SET attempts = attempts + 1, due_at = @dueAt WHERE id = @messageId", new { messageId, dueAt });

    public static void Finish(SqliteConnection connection, string messageId) =>
        connection.Execute("DELETE FROM messages WHERE id = @messageId", new { messageId });

    public static void InsertDelivery(SqliteConnection connection, Delivery delivery) => connection.Execute(
        """
        INSERT INTO deliveries (id, message_id, webhook_id, event, attempt, request_body, response_status, latency_ms, error, created_at)
        VALUES (@Id, @MessageId, @WebhookId, @Event, @Attempt, @RequestBody, @ResponseStatus, @LatencyMs, @Error, @CreatedAt)
        """,
        delivery);

    public static List<Delivery> Deliveries(SqliteConnection connection, string? webhookId) => connection.Query<Delivery>(
        "SELECT * FROM deliveries WHERE @webhookId IS NULL OR webhook_id = @webhookId ORDER BY seq DESC", new { webhookId }).AsList();

    public static Delivery GetDelivery(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Delivery>("SELECT * FROM deliveries WHERE id = @id", new { id })
        ?? throw ApiException.NotFound("delivery", id);
}
