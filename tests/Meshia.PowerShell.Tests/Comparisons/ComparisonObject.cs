using System.Management.Automation;
using System.Text.Json;

namespace Meshia.PowerShell.Tests;

/// <summary>Comparisons as a script has them that read them from a file: nothing but properties.</summary>
internal static class ComparisonObject
{
    /// <summary>One with whatever names and values a test needs, which no service has to send.</summary>
    /// <param name="names">A name for each experiment; the ids are exp_0, exp_1 and so on, and the first is the baseline.</param>
    /// <param name="config">Keys, with a value for each experiment.</param>
    /// <param name="metrics">Metrics, with a value for each experiment.</param>
    /// <param name="goal">What is better, of all metrics.</param>
    public static PSObject Of(string?[] names, (string Key, object?[] Values)[] config, (string Key, object?[] Values)[] metrics, string? goal = null)
    {
        return Object(
            ("BaselineId", "exp_0"),
            ("Tolerance", "0"),
            ("Experiments", names.Select((name, index) => (object)Object(("Id", $"exp_{index}"), ("Name", name), ("Status", "completed"))).ToArray()),
            ("Config", config.Select(row => (object)Row("Config", row)).ToArray()),
            ("Metrics", metrics.Select(row => (object)Row("Metric", row)).ToArray()));

        PSObject Row(string kind, (string Key, object?[] Values) row) => Object(
            ("Kind", kind),
            ("Key", row.Key),
            ("Values", Object([.. row.Values.Select((value, index) => ($"exp_{index}", value)).Where(pair => pair.value is not Missing)])),
            ("Goal", kind == "Metric" ? goal : null),
            ("GoalSource", goal is null ? null : "Given"));
    }

    /// <summary>What ConvertFrom-Json makes of a text; the engine alone does not have it.</summary>
    public static object? FromJson(string json) => FromJson(JsonDocument.Parse(json).RootElement);

    private static object? FromJson(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Object([.. element.EnumerateObject().Select(property => (property.Name, FromJson(property.Value)))]),
        JsonValueKind.Array => element.EnumerateArray().Select(FromJson).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var number) ? number : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static PSObject Object(params (string Name, object? Value)[] properties)
    {
        var made = new PSObject();
        foreach (var (name, value) in properties)
            made.Properties.Add(new PSNoteProperty(name, value));
        return made;
    }

    /// <summary>In the place of a value that an experiment does not have.</summary>
    public sealed class Missing
    {
        public static readonly Missing Value = new();
    }
}
