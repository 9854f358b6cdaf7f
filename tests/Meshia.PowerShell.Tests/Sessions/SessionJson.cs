using System.Globalization;

namespace Meshia.PowerShell.Tests;

/// <summary>Sessions as the service writes them.</summary>
internal static class SessionJson
{
    public static string Of(string id, string name = "x", string status = "running", DateTimeOffset? createdAt = null) =>
        $$"""{"id":"{{id}}","name":"{{name}}","gpu":"rtx4090","repo":null,"status":"{{status}}","created_at":"{{(createdAt ?? DateTimeOffset.UtcNow).ToString("O", CultureInfo.InvariantCulture)}}"}""";

    public static string List(IEnumerable<string> sessions, string? nextCursor = null) =>
        $$"""{"sessions":[{{string.Join(',', sessions)}}]{{(nextCursor is null ? "" : $",\"next_cursor\":\"{nextCursor}\"")}}}""";
}
