using Dapper;
using Meshia.Sandbox.Connection;
using Microsoft.Data.Sqlite;

namespace Meshia.Sandbox.Webhooks;

internal static class WebhookTable
{
    private const string Columns = "id, account, url, event_list, created_at";

    public static void Insert(SqliteConnection connection, Webhook webhook, string? secret) => connection.Execute(
        "INSERT INTO webhooks (id, account, url, event_list, secret, created_at) VALUES (@Id, @Account, @Url, @EventList, @secret, @CreatedAt)",
        new { webhook.Id, webhook.Account, webhook.Url, webhook.EventList, secret, webhook.CreatedAt });

    public static List<Webhook> All(SqliteConnection connection, string account) =>
        connection.Query<Webhook>($"SELECT {Columns} FROM webhooks WHERE account = @account ORDER BY seq", new { account }).AsList();

    public static Webhook Get(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Webhook>($"SELECT {Columns} FROM webhooks WHERE id = @id", new { id })
        ?? throw ApiException.NotFound("webhook", id);

    public static bool Delete(SqliteConnection connection, Account account, string id) =>
        connection.Execute("DELETE FROM webhooks WHERE id = @id AND account = @Name", new { id, account.Name }) > 0;
}
