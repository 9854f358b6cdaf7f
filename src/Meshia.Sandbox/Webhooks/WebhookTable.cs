using Dapper;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Webhooks;

internal static class WebhookTable
{
    private const string Columns = "id, url, event_list, created_at";

    public static void Insert(SqliteConnection connection, Webhook webhook, string? secret) => connection.Execute(
        "INSERT INTO webhooks (id, url, event_list, secret, created_at) VALUES (@Id, @Url, @EventList, @secret, @CreatedAt)",
        new { webhook.Id, webhook.Url, webhook.EventList, secret, webhook.CreatedAt });

    public static List<Webhook> All(SqliteConnection connection) =>
        connection.Query<Webhook>($"SELECT {Columns} FROM webhooks ORDER BY seq").AsList();

    public static Webhook Get(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Webhook>($"SELECT {Columns} FROM webhooks WHERE id = @id", new { id })
        ?? throw ApiException.NotFound("webhook", id);

    public static bool Delete(SqliteConnection connection, string id) =>
        connection.Execute("DELETE FROM webhooks WHERE id = @id", new { id }) > 0;
}
