using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Meshia.PowerShell;

#pragma warning disable CS1591 // Each is the column of its name; src/Meshia.Views says where it is shown.

/// <summary>
/// What the views show of an object, live or deserialized: hidden properties in Meshia.types.ps1xml read it here. Whatever
/// the service or a user wrote passes the one rule for text from outside.
/// </summary>
public static class ViewColumns
{
    public static object? Id(PSObject item) => Text(item, "Id");

    public static object? Name(PSObject item) => Text(item, "Name");

    public static object? BaseName(PSObject item) => Text(item, "BaseName") ?? Text(item, "Name");

    public static object? BaseNameAndId(PSObject item) => $"{BaseName(item)} ({Id(item)})";

    public static object? DeadlineAt(PSObject item) => ShortText.Moment(Time(item, "Deadline"));

    /// <summary>How long a session has left; nothing where it has ended.</summary>
    public static object? DeadlineLeft(PSObject item) => Time(item, "StoppedAt") is null && Time(item, "Deadline") is { } deadline ? ShortText.Left(deadline) : null;

    public static object? NameAndId(PSObject item) => $"{Name(item)} ({Id(item)})";

    public static object? Gpu(PSObject item) => Text(item, "Gpu");

    public static object? Repo(PSObject item) => Text(item, "Repo");

    public static object? SessionId(PSObject item) => Text(item, "SessionId");

    public static object? ExperimentId(PSObject item) => Text(item, "ExperimentId");

    public static object? ArtifactId(PSObject item) => Text(item, "ArtifactId");

    public static object? BaselineId(PSObject item) => Text(item, "BaselineId");

    public static object? Key(PSObject item) => Text(item, "Key");

    public static object? Metric(PSObject item) => Text(item, "Metric");

    public static object? Reason(PSObject item) => Text(item, "Reason");

    public static object? Error(PSObject item) => Text(item, "Error");

    public static object? ContentType(PSObject item) => Text(item, "ContentType");

    public static object? Sha256(PSObject item) => Text(item, "Sha256");

    public static object? EventType(PSObject item) => Text(item, "EventType");

    public static object? Url(PSObject item) => Text(item, "Url");

    public static object? Title(PSObject item) => Text(item, "Title");

    public static object? PublishedUri(PSObject item) => Text(item, "Uri");

    public static object? BaseUriAndError(PSObject item) => Lines([Text(item, "BaseUri"), Text(item, "Error")]);

    public static object? Status(PSObject item) => Text(item, "Status") is { } status ? StatusColour.Of(status) : null;

    public static object? CreatedAge(PSObject item) => ShortText.Age(Time(item, "CreatedAt"));

    public static object? StartedAge(PSObject item) => ShortText.Age(Time(item, "StartedAt"));

    public static object? CreatedAt(PSObject item) => ShortText.Moment(Time(item, "CreatedAt"));

    public static object? StartedAt(PSObject item) => ShortText.Moment(Time(item, "StartedAt"));

    public static object? StoppedAt(PSObject item) => ShortText.Moment(Time(item, "StoppedAt"));

    public static object? CompletedAt(PSObject item) => ShortText.Moment(Time(item, "CompletedAt"));

    public static object? GoneAt(PSObject item) => ShortText.Moment(Time(item, "GoneAt"));

    public static object? SyncPath(PSObject item) => Text(item, "Path");

    public static object? Timestamp(PSObject item) => ShortText.Moment(Time(item, "Timestamp"));

    public static object? Duration(PSObject item) => ShortText.Duration(Value(item, "Duration") as TimeSpan?);

    public static object? Elapsed(PSObject item) => ShortText.Duration(Value(item, "Elapsed") as TimeSpan?);

    public static object? AllowedGpu(PSObject item) => Lines(Items(item, "AllowedGpu").Select(Shown));

    public static object? Price(PSObject item) => Map(item, "Price") ?? (Value(item, "Price") is IReadOnlyDictionary<string, decimal> prices ? Lines(prices.OrderBy(price => price.Key, StringComparer.Ordinal).Select(price => FormattableString.Invariant($"{price.Key}: {price.Value}"))) : null);

    public static object? Cost(PSObject item) => Value(item, "Cost") is decimal cost ? cost.ToString("0.00", CultureInfo.InvariantCulture) : null;

    public static object? GpuHours(PSObject item) => Hours(item, "GpuHours");

    public static object? UnpricedGpuHours(PSObject item) => Hours(item, "UnpricedGpuHours");

    public static object? UsageValue(PSObject item) => Text(item, "Value");

    public static object? SinceTime(PSObject item) => ShortText.Moment(Time(item, "Since"));

    public static object? UntilTime(PSObject item) => ShortText.Moment(Time(item, "Until"));

    public static object? PausedFor(PSObject item) => ShortText.Duration(Value(item, "PausedFor") as TimeSpan?);

    /// <summary>What each command has sent, one a line.</summary>
    public static object? Commands(PSObject item) => Lines(Items(item, "Commands").Select(one => $"{Text(one, "Command")}: {Number(one, "Sent")}{(Number(one, "Waiting") is { } waiting and not "0" ? $" ({waiting} waiting)" : "")}"));

    public static object? Latency(PSObject item) => Value(item, "Latency") is TimeSpan time ? FormattableString.Invariant($"{time.TotalMilliseconds:0} ms") : null;

    public static object? Size(PSObject item) => ShortText.Size(Value(item, "SizeBytes") as long?);

    public static object? Length(PSObject item) => ShortText.Size(Value(item, "Length") as long?);

    public static object? Min(PSObject item) => Number(item, "Min");

    public static object? Max(PSObject item) => Number(item, "Max");

    public static object? Mean(PSObject item) => Number(item, "Mean");

    public static object? BaselineValue(PSObject item) => Number(item, "BaselineValue");

    public static object? DeltaNumber(PSObject item) => Number(item, "Delta");

    public static object? PercentNumber(PSObject item) => Number(item, "Percent");

    public static object? MetricValue(PSObject item) => Number(item, "Value");

    public static object? ShortMetricValue(PSObject item) => Value(item, "Value") is double number ? number.ToString("G6", CultureInfo.InvariantCulture) : null;

    public static object? ShortMetrics(PSObject item) => string.Join(" ", Entries(item, "Metrics").Where(entry => entry.Value is double or long or decimal or System.Numerics.BigInteger).Select(entry => $"{Clean(entry.Key)}={((IFormattable)entry.Value!).ToString("G4", CultureInfo.InvariantCulture)}"));

    public static object? Metrics(PSObject item) => Map(item, "Metrics");

    public static object? Config(PSObject item) => Map(item, "Config");

    public static object? Data(PSObject item) => Map(item, "Data");

    public static object? AdditionalProperties(PSObject item) => Map(item, "AdditionalProperties");

    public static object? Values(PSObject item) => Map(item, "Values");

    public static object? Delta(PSObject item) => Map(item, "Delta");

    public static object? Percent(PSObject item) => Map(item, "Percent");

    public static object? ValuesInLine(PSObject item) => string.Join(", ", Entries(item, "Values").Select(entry => $"{Clean(entry.Key)}: {(entry.Value is IList history ? string.Join(" ", history.Cast<object?>().Select(Shown)) : Shown(entry.Value))}"));

    public static object? Best(PSObject item) => Lines(Items(item, "Best").Select(Shown));

    public static object? BestInLine(PSObject item) => string.Join(", ", Items(item, "Best").Select(Shown));

    public static object? Events(PSObject item) => Lines(Items(item, "Events").Select(Shown));

    public static object? Artifacts(PSObject item) => Lines(Items(item, "Artifacts").Select(file => Text(file, "Name") is { Length: > 0 } name ? name : Text(file, "Id")));

    public static object? ExperimentIds(PSObject item) => Lines(Items(item, "Experiments").Select(one => Text(one, "Id")));

    public static object? ExperimentIdsInLine(PSObject item) => string.Join(", ", Items(item, "Experiments").Select(one => Text(one, "Id")));

    public static object? ConfigKeys(PSObject item) => Lines(Items(item, "Config").Select(row => Text(row, "Key")));

    public static object? MetricKeys(PSObject item) => Lines(Items(item, "Metrics").Select(row => Text(row, "Key")));

    public static object? About(PSObject item) => string.Join(" ", new[] { Text(item, "SessionId") }.OfType<string>().Concat(Entries(item, "Data").Select(entry => entry.Value is string text ? $"{Clean(entry.Key)}={Clean(text)}" : Clean(entry.Key))));

    /// <summary>The facts of a comparison, a line for each key, for a session that may not draw it.</summary>
    public static object? PlainRows(PSObject item) => Items(item, "Config").Concat(Items(item, "Metrics")).Select(row =>
    {
        var values = Entries(row, "Values").ToDictionary(entry => entry.Key, entry => entry.Value);
        var shown = Items(item, "Experiments").Select(one => Value(one, "Id") as string ?? "").Where(values.ContainsKey).Select(id => $"{Clean(id)} {Shown(values[id])}");
        var best = BestInLine(row) is string { Length: > 0 } ids ? $"; best: {ids}" : "";
        return $"{Text(row, "Key")}: {string.Join(", ", shown)}{best}";
    }).ToArray();

    /// <summary>A time under any name.</summary>
    internal static object? Moment(PSObject item, string property) => ShortText.Moment(Time(item, property));

    private static string Clean(string text) => DisplayText.Clean(text, int.MaxValue);

    private static object? Value(PSObject item, string property) => item.Properties[property]?.Value is var value && value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private static string? Hours(PSObject item, string property) => Value(item, property) is double hours ? hours.ToString("0.00", CultureInfo.InvariantCulture) : null;

    private static string? Text(PSObject item, string property) => Value(item, property) is { } value ? Clean(value.ToString() ?? "") : null;

    private static string? Number(PSObject item, string property) => Value(item, property) is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : null;

    /// <summary>A time; after a job, remoting or CliXml it is an object with properties.</summary>
    private static DateTimeOffset? Time(PSObject item, string property) => Value(item, property) switch
    {
        DateTimeOffset time => time,
        PSObject copy when copy.Properties[nameof(DateTimeOffset.UtcDateTime)]?.Value is DateTime utc => new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Utc)),
        _ => null,
    };

    private static IEnumerable<PSObject> Items(PSObject item, string property) => LanguagePrimitives.GetEnumerable(Value(item, property))?.Cast<object>().Select(PSObject.AsPSObject) ?? [];

    /// <summary>Sorted, as a deserialized copy has lost the order.</summary>
    private static IEnumerable<(string Key, object? Value)> Entries(PSObject item, string property) => Value(item, property) is IDictionary map ? Entries(map) : [];

    private static IEnumerable<(string Key, object? Value)> Entries(IDictionary map) => PlainValues.Entries(map)
        .Select(entry => (Key: entry.Key.ToString()!, Value: (object?)(entry.Value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : entry.Value)))
        .OrderBy(entry => entry.Key, StringComparer.InvariantCulture);

    private static string? Map(PSObject item, string property) => Value(item, property) is IDictionary map ? Lines(Lines(map, "")) : null;

    /// <summary>A line for each value, levels joined by dots.</summary>
    private static IEnumerable<string> Lines(IDictionary map, string prefix) => Entries(map)
        .SelectMany(entry => entry.Value is IDictionary inner ? Lines(inner, $"{prefix}{Clean(entry.Key)}.") : [$"{prefix}{Clean(entry.Key)}: {Shown(entry.Value)}"]);

    private static string Lines(IEnumerable<string?> lines) => string.Join("\n", lines.OfType<string>());

    private static string Shown(object? value) => value switch
    {
        null => "null",
        string text => Clean(text),
        PSObject { BaseObject: string text } => Clean(text),
        IList items => $"[{string.Join(", ", items.Cast<object?>().Select(one => one is null ? "" : Clean(LanguagePrimitives.ConvertTo<string>(one))))}]",
        _ => Clean(LanguagePrimitives.ConvertTo<string>(value)),
    };
}
