using System.Text.Json;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.State;

/// <summary>Refuses values of an imported state that no sandbox has written, and that none could go on with.</summary>
internal static class StateCheck
{
    /// <exception cref="FormatException">The value is none of those.</exception>
    /// <exception cref="JsonException">The value should hold JSON, and does not.</exception>
    public static void Value(string table, string column, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return;
        var isRight = (table, column) switch
        {
            (_, var time) when time.EndsWith("_at", StringComparison.Ordinal) =>
                value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var at) && at >= 0 && at <= SandboxClock.Latest.AddYears(1).ToUnixTimeMilliseconds(),
            ("accounts", "plan") => Plan.Find(value.GetString()!) is not null,
            ("sessions", "status") => SessionStatus.All.Contains(value.GetString()),
            ("sessions", "name") => SessionName.Check(value.GetString()!).Length > 0,
            ("experiments", "config" or "metrics" or "outcome") => JsonSerializer.Deserialize<JsonElement>(value.GetString()!).ValueKind == JsonValueKind.Object,
            _ => true,
        };
        if (!isRight)
            throw new FormatException($"'{column}' in '{table}' cannot be {value.GetRawText()}.");
    }
}
