using System.Globalization;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// One experiment of an archive. Its line is the JSON that the service gave, with one more property at its end:
/// <c>"_meshia":{"seen_at":"…","session_id":"…"}</c>, and in that <c>gone_at</c> and <c>partial</c> where they apply.
/// </summary>
/// <param name="Experiment">What the service said.</param>
/// <param name="Json">The same in its own bytes, on one line.</param>
internal sealed record ArchivedExperiment(Experiment Experiment, ReadOnlyMemory<byte> Json) : IServiceObject
{
    private const string Property = "_meshia";
    private const string SeenAtName = "seen_at";
    private const string GoneAtName = "gone_at";
    private const string PartialName = "partial";

    private static ReadOnlySpan<byte> Beginning => ",\"_meshia\":{"u8;

    /// <summary>The session whose list it is in.</summary>
    public string? SessionId { get; init; }

    /// <summary>When the service said so; null if a line does not tell.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>When the service was found to have it no longer.</summary>
    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>Whether configuration and metrics are still to be fetched, because the list did not hold them.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Whether the answer has a configuration, also an empty one.</summary>
    public bool HasConfig { get; init; }

    /// <summary>Whether the answer has metrics, also none.</summary>
    public bool HasMetrics { get; init; }

    /// <inheritdoc/>
    public string Id => Experiment.Id;

    FieldDoubt? IServiceObject.Doubt => ((IServiceObject)Experiment).Doubt;

    /// <summary>Whether it does not change any more, and is whole.</summary>
    public bool IsFinal => !IsPartial && EndState.IsOver(Experiment);

    /// <summary>Reads an item of a list.</summary>
    /// <exception cref="FormatException">It is not an experiment.</exception>
    public static ArchivedExperiment FromItem(object? item)
    {
        // Reading takes the fields out of the item.
        var json = (item as JsonObject)?.Source ?? JsonValue.ToBytes(item);
        var (hasConfig, hasMetrics) = item is Dictionary<string, object?> map ? (FieldName.Find(map, ContractNames.Config) is not null, FieldName.Find(map, ContractNames.Metrics) is not null) : default;
        var experiment = Experiment.From(item);
        return new(experiment, OnOneLine(json))
        {
            HasConfig = hasConfig || experiment.Config.Count > 0,
            HasMetrics = hasMetrics || experiment.Metrics.Count > 0,
        };
    }

    /// <summary>Reads an answer that holds one experiment.</summary>
    public static ArchivedExperiment FromAnswer(byte[] json) => new(Experiment.From(JsonValue.Parse(json)), OnOneLine(json)) { HasConfig = true, HasMetrics = true };

    /// <summary>Reads a line of an archive.</summary>
    /// <param name="line">The line.</param>
    /// <param name="keepsJson">Whether <see cref="Json"/> is wanted too.</param>
    /// <exception cref="FormatException">It is not an experiment.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static ArchivedExperiment FromLine(ReadOnlyMemory<byte> line, bool keepsJson)
    {
        var map = JsonValue.Parse(line) as Dictionary<string, object?> ?? throw new FormatException("a line that is not an object");
        var about = map.TryGetValue(Property, out var value) ? value as Dictionary<string, object?> : null;
        if (about is not null)
            map.Remove(Property);
        var fields = new JsonFields(about ?? []);
        var experiment = Experiment.From(map);
        experiment.GoneAt = fields.Time(GoneAtName);
        return new(experiment, keepsJson ? WithoutOurs(line) : default)
        {
            SessionId = fields.Text(ContractNames.SessionId) ?? experiment.SessionId,
            SeenAt = fields.Time(SeenAtName),
            GoneAt = experiment.GoneAt,
            IsPartial = fields.Flag(PartialName) == true,
        };
    }

    /// <summary>The same; null if the line is damaged.</summary>
    public static ArchivedExperiment? TryRead(ReadOnlyMemory<byte> line, bool keepsJson)
    {
        try
        {
            return FromLine(line, keepsJson);
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Writes its line, the line feed included.</summary>
    public void WriteTo(Stream stream)
    {
        var about = new Dictionary<string, object?> { [SeenAtName] = TextOf(SeenAt), [ContractNames.SessionId] = SessionId };
        if (GoneAt is not null)
            about[GoneAtName] = TextOf(GoneAt);
        if (IsPartial)
            about[PartialName] = true;
        var json = Json.ToArray();
        stream.Write(json, 0, json.Length - 1);
        byte[] ours = [.. ",\"_meshia\":"u8, .. JsonValue.ToBytes(about), (byte)'}', (byte)'\n'];
        stream.Write(ours, 0, ours.Length);
    }

    private static string? TextOf(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte> WithoutOurs(ReadOnlyMemory<byte> line)
    {
        var end = line.Span.LastIndexOf(Beginning);
        return end < 0 ? line.ToArray() : (byte[])[.. line.Span.Slice(0, end), (byte)'}'];
    }

    /// <summary>JSON without space between its parts. An object of one experiment stays as it is; an array of one becomes the object's property.</summary>
    private static ReadOnlyMemory<byte> OnOneLine(ReadOnlyMemory<byte> json)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(JsonText.Unmark(new JsonText().Next(json, isLast: true)));
        var (length, inText, escaped) = (0, false, false);
        foreach (var octet in text)
        {
            if (!inText && octet is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                continue;
            text[length++] = octet;
            inText ^= octet == '"' && !escaped;
            escaped = inText && octet == '\\' && !escaped;
        }

        var line = text.AsMemory(0, length);
        return length > 0 && text[0] == '[' ? (byte[])[.. "{\"experiment\":"u8, .. line.Span, (byte)'}'] : line;
    }
}
