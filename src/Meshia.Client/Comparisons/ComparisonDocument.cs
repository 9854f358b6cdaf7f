using System.Globalization;
using System.Text.Json;

namespace Meshia;

/// <summary>A comparison as plain values under the names of its properties: in a JSON file, or after a job or remoting.</summary>
internal static class ComparisonDocument
{
    /// <summary>How many bytes are kept until they are passed on.</summary>
    private const int BufferSize = 1 << 16;

    public static void Write(Stream stream, ExperimentComparison comparison)
    {
        var ids = comparison.Experiments.Select(experiment => experiment.Id).ToList();
        using var writer = new Utf8JsonWriter(stream, new() { Indented = true });
        writer.WriteStartObject();
        WriteField(nameof(ExperimentComparison.BaselineId), comparison.BaselineId);
        WriteField(nameof(ExperimentComparison.Tolerance), comparison.Tolerance);
        WriteField(nameof(ExperimentComparison.Experiments), comparison.Experiments.Select(FieldsOf));
        WriteRows(nameof(ExperimentComparison.Config), comparison.Config);
        WriteRows(nameof(ExperimentComparison.Metrics), comparison.Metrics);
        writer.WriteEndObject();

        void WriteField(string name, object? value)
        {
            writer.WritePropertyName(name);
            JsonValue.Write(writer, value);
        }

        void WriteRows(string name, IReadOnlyList<ComparisonRow> rows)
        {
            writer.WriteStartArray(name);
            foreach (var row in rows)
            {
                WriteRow(row);
                if (writer.BytesPending > BufferSize)
                    writer.Flush();
            }

            writer.WriteEndArray();
        }

        void WriteRow(ComparisonRow row)
        {
            writer.WriteStartObject();
            WriteField(nameof(ComparisonRow.Kind), row.Kind.ToString());
            WriteField(nameof(ComparisonRow.Key), row.Key);
            WriteValues(nameof(ComparisonRow.Values), row, (id, value) => WriteField(id, value.Value));
            WriteValues(nameof(ComparisonRow.Delta), row, (id, value) => WriteNumber(id, value.Delta));
            WriteValues(nameof(ComparisonRow.Percent), row, (id, value) => WriteNumber(id, value.Percent));
            WriteField(nameof(ComparisonRow.IsDifferent), row.IsDifferent);
            if (row.Kind == ComparisonRowKind.Metric)
            {
                WriteField(nameof(ComparisonRow.Goal), row.Goal?.ToString());
                WriteField(nameof(ComparisonRow.GoalSource), row.GoalSource?.ToString());
                WriteField(nameof(ComparisonRow.Best), row.Best);
                WriteField(nameof(ComparisonRow.Min), row.Min);
                WriteField(nameof(ComparisonRow.Max), row.Max);
                WriteField(nameof(ComparisonRow.Mean), row.Mean);
            }

            writer.WriteEndObject();
        }

        void WriteValues(string name, ComparisonRow row, Action<string, ComparedValue> write)
        {
            writer.WriteStartObject(name);
            for (var place = 0; place < ids.Count; place++)
            {
                if (row.At(place) is { } value)
                    write(ids[place], value);
            }

            writer.WriteEndObject();
        }

        void WriteNumber(string name, double? number)
        {
            if (number is null)
                return;
            writer.WritePropertyName(name);
            JsonValue.Write(writer, number.Value);
        }
    }

    /// <exception cref="ArgumentException">They are not the properties of a comparison.</exception>
    public static ExperimentComparison Read(IDictionary<string, object?> properties)
    {
        var experiments = Experiment.OncePerId(Objects(properties, nameof(ExperimentComparison.Experiments)).Select(ReadExperiment)).ToList();
        var baselineId = Text(properties, nameof(ExperimentComparison.BaselineId));
        if (experiments.Count == 0 || !experiments.Exists(experiment => experiment.Id == baselineId))
            throw NotAComparison();
        var ids = new ComparedIds(experiments, baselineId!);
        var tolerance = Text(properties, nameof(ExperimentComparison.Tolerance)) is { } text ? Tolerance.Parse(text) : Tolerance.None;
        var rows = Objects(properties, nameof(ExperimentComparison.Config)).Select(row => ReadRow(ComparisonRowKind.Config, row))
            .Concat(Objects(properties, nameof(ExperimentComparison.Metrics)).Select(row => ReadRow(ComparisonRowKind.Metric, row)))
            .ToList();
        return new(experiments, baselineId!, tolerance, rows, new JsonObject());

        ComparisonRow ReadRow(ComparisonRowKind kind, IDictionary<string, object?> row)
        {
            // PowerShell's serialization does not keep the order of a dictionary.
            var map = Get(row, nameof(ComparisonRow.Values)) as IDictionary<string, object?> ?? throw NotAComparison();
            var values = ids.All.Select(id => map.TryGetValue(id, out var value) ? Plain(value) : ComparisonRow.Missing).ToArray();
            var key = Text(row, nameof(ComparisonRow.Key)) ?? throw NotAComparison();
            return new ComparisonRow(kind, key, ids, values, tolerance)
                .Aim(Named<MetricGoal>(row, nameof(ComparisonRow.Goal)), Named<MetricGoalSource>(row, nameof(ComparisonRow.GoalSource)), tolerance);
        }
    }

    private static Dictionary<string, object?> FieldsOf(Experiment experiment) => new()
    {
        [nameof(Experiment.Id)] = experiment.Id,
        [nameof(Experiment.SessionId)] = experiment.SessionId,
        [nameof(Experiment.Name)] = experiment.Name,
        [nameof(Experiment.Status)] = experiment.Status,
        [nameof(Experiment.Duration)] = experiment.Duration?.TotalSeconds,
        [nameof(Experiment.CreatedAt)] = experiment.CreatedAt,
        [nameof(Experiment.CompletedAt)] = experiment.CompletedAt,
        [nameof(Experiment.Error)] = experiment.Error,
    };

    /// <summary>An experiment from the properties of one.</summary>
    /// <exception cref="ArgumentException">They are not the properties of an experiment.</exception>
    public static Experiment ReadExperiment(IDictionary<string, object?> properties)
    {
        if (Text(properties, nameof(Experiment.Id)) is not { Length: > 0 } id)
            throw new ArgumentException("It is not an experiment. Pipe the objects of Get-MeshiaExperiment.");
        var experiment = Experiment.From(new Dictionary<string, object?>
        {
            [ContractNames.Id] = id,
            [ContractNames.SessionId] = Get(properties, nameof(Experiment.SessionId)),
            [ContractNames.Name] = Get(properties, nameof(Experiment.Name)),
            [ContractNames.Status] = Get(properties, nameof(Experiment.Status)),
            [ContractNames.Config] = Plain(Get(properties, nameof(Experiment.Config))) as Dictionary<string, object?>,
            [ContractNames.Metrics] = Plain(Get(properties, nameof(Experiment.Metrics))) as Dictionary<string, object?>,
            [ContractNames.DurationSeconds] = Get(properties, nameof(Experiment.Duration)) switch
            {
                TimeSpan duration => duration.TotalSeconds,
                // PowerShell's JSON has the parts of a duration.
                IDictionary<string, object?> parts when parts.TryGetValue(nameof(TimeSpan.TotalSeconds), out var seconds) => Plain(seconds),
                string text when text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration) => duration.TotalSeconds,
                var other => Plain(other),
            },
            [ContractNames.CreatedAt] = Plain(Get(properties, nameof(Experiment.CreatedAt))),
            [ContractNames.CompletedAt] = Plain(Get(properties, nameof(Experiment.CompletedAt))),
            [ContractNames.Error] = Get(properties, nameof(Experiment.Error)),
        });
        if (Plain(Get(properties, nameof(Experiment.GoneAt))) is string gone && DateTimeOffset.TryParse(gone, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var goneAt))
            experiment.GoneAt = goneAt;
        return experiment;
    }

    /// <summary>A value as it comes from the wire: older shells read a number as an int or a decimal, newer ones a text as a time.</summary>
    private static object? Plain(object? value) => value switch
    {
        object?[] items => items.Select(Plain).ToArray(),
        IDictionary<string, object?> map => map.ToDictionary(pair => pair.Key, pair => Plain(pair.Value)),
        string text when ComparisonValue.IsSpecial(text) => double.Parse(text, CultureInfo.InvariantCulture),
        sbyte or byte or short or ushort or int or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        decimal number => Exact(number),
        float => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("o", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("o", CultureInfo.InvariantCulture),
        _ => value,
    };

    /// <summary>Windows PowerShell reads every fraction as a decimal; one that a double holds was one.</summary>
    private static object Exact(decimal number) => ExactNumber.Read(number.ToString(CultureInfo.InvariantCulture), (double)number);

    private static IEnumerable<IDictionary<string, object?>> Objects(IDictionary<string, object?> properties, string name) => Get(properties, name) switch
    {
        object?[] items => items.Select(item => item as IDictionary<string, object?> ?? throw NotAComparison()),
        null => [],
        var other => [other as IDictionary<string, object?> ?? throw NotAComparison()],
    };

    private static object? Get(IDictionary<string, object?> properties, string name) => properties.TryGetValue(name, out var value) ? value : null;

    private static string? Text(IDictionary<string, object?> properties, string name) => JsonFields.ToText(Get(properties, name));

    private static T? Named<T>(IDictionary<string, object?> properties, string name)
        where T : struct => Enum.TryParse<T>(Text(properties, name), ignoreCase: true, out var value) ? value : null;

    private static ArgumentException NotAComparison() => new("This is not a comparison. Use the output of Compare-MeshiaExperiment, or a .json file that Export-MeshiaComparison wrote.");
}
