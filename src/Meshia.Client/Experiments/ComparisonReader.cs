namespace Meshia;

/// <summary>
/// Reads a comparison in the forms that the wire contract accepts, and computes from the experiments what the answer
/// leaves out.
/// </summary>
internal static class ComparisonReader
{
    private static readonly string[] _configNames = [WireNames.ConfigDiffs, WireNames.ConfigDiff];
    private static readonly string[] _metricNames = [WireNames.MetricSummaries, WireNames.Metrics];

    /// <summary>The parts of an answer; a part that it does not have is null.</summary>
    internal sealed record Parts(
        IReadOnlyList<Experiment> Experiments,
        IReadOnlyList<ConfigDifference>? ConfigDifferences,
        IReadOnlyList<MetricSummary>? MetricSummaries,
        IDictionary<string, object?> Rest)
    {
        /// <summary>Whether the experiments are there, with all that the missing parts are computed from.</summary>
        public bool HasEnough => Experiments.Count > 0
            && (ConfigDifferences is not null || Experiments.Any(experiment => experiment.Config.Count > 0))
            && (MetricSummaries is not null || Experiments.Any(experiment => experiment.Metrics.Count > 0));
    }

    public static Parts Read(object? value)
    {
        var fields = WireFields.Of(value, WireNames.Comparison, WireNames.Data);
        var config = TakeFirst(fields, _configNames);
        var metrics = TakeFirst(fields, _metricNames);
        return new(
            [.. fields.List(WireNames.Experiments).Where(item => item is Dictionary<string, object?>).Select(Experiment.From).GroupBy(experiment => experiment.Id).Select(same => same.First())],
            Named(config, WireNames.Key)?.Select(pair => new ConfigDifference(pair.Name, ValuesOf(pair.Fields))).ToList(),
            Named(metrics, WireNames.Metric)?.Select(pair => ReadSummary(pair.Name, pair.Fields)).ToList(),
            fields.Rest);
    }

    /// <summary>Fills a comparison up from its experiments.</summary>
    public static ExperimentComparison Complete(Parts parts, IReadOnlyList<Experiment> experiments) => new(
        experiments,
        parts.ConfigDifferences ?? DiffConfigs(experiments),
        parts.MetricSummaries ?? SummarizeMetrics(experiments),
        parts.Rest);

    internal static IReadOnlyList<ConfigDifference> DiffConfigs(IReadOnlyList<Experiment> experiments)
    {
        var flat = experiments.Select(experiment => (experiment.Id, Values: Flatten(experiment.Config))).ToList();
        return [.. flat.SelectMany(pair => pair.Values.Keys).Distinct()
            .Select(key => new ConfigDifference(key, Collect(flat, key)))
            .Where(difference => difference.Values.Count < flat.Count || difference.Values.Values.Select(Canonical).Distinct().Count() > 1)];
    }

    internal static IReadOnlyList<MetricSummary> SummarizeMetrics(IReadOnlyList<Experiment> experiments)
    {
        var flat = experiments.Select(experiment => (experiment.Id, Values: Flatten(experiment.Metrics))).ToList();
        return [.. flat.SelectMany(pair => pair.Values.Keys).Distinct()
            .Select(metric => Summarize(metric, Collect(flat, metric)))
            .Where(summary => summary.Values.Values.Any(value => WireFields.ToNumber(value) is not null))];
    }

    private static MetricSummary Summarize(string metric, IDictionary<string, object?> values)
    {
        var finite = values.Values.Select(WireFields.ToNumber).OfType<double>().Where(number => !double.IsNaN(number) && !double.IsInfinity(number)).ToList();
        return finite.Count == 0
            ? new(metric, values, null, null, null, null)
            : new(metric, values, finite.Min(), finite.Max(), finite.Average(), null);
    }

    private static MetricSummary ReadSummary(string metric, WireFields fields)
    {
        var (min, max, mean, best) = (fields.Number(WireNames.Min), fields.Number(WireNames.Max), fields.Number(WireNames.Mean), fields.Text(WireNames.Best));
        var values = ValuesOf(fields);
        var computed = Summarize(metric, values);
        return new(metric, values, min ?? computed.Min, max ?? computed.Max, mean ?? computed.Mean, best);
    }

    /// <summary>The values by experiment: under <c>values</c>, or the object itself.</summary>
    private static IDictionary<string, object?> ValuesOf(WireFields fields) => fields.Take(WireNames.Values) as Dictionary<string, object?> ?? fields.Rest;

    /// <summary>Both forms of a list of named things: an array of objects that hold their name, or an object keyed by it.</summary>
    private static IEnumerable<(string Name, WireFields Fields)>? Named(object? value, string nameField) => value switch
    {
        object?[] items => items.OfType<Dictionary<string, object?>>()
            .Select(item => new WireFields(item))
            .Select(fields => (Name: fields.Text(nameField) ?? fields.Text(WireNames.Name), Fields: fields))
            .Where(pair => pair.Name is not null)
            .Select(pair => (pair.Name!, pair.Fields)),
        Dictionary<string, object?> map => map
            .Where(pair => pair.Value is Dictionary<string, object?>)
            .Select(pair => (pair.Key, new WireFields((Dictionary<string, object?>)pair.Value!))),
        _ => null,
    };

    private static object? TakeFirst(WireFields fields, string[] names) => names.Select(fields.Take).FirstOrDefault(value => value is not null);

    private static Dictionary<string, object?> Collect(List<(string Id, Dictionary<string, object?> Values)> flat, string key) =>
        flat.Where(pair => pair.Values.ContainsKey(key)).ToDictionary(pair => pair.Id, pair => pair.Values[key]);

    /// <summary>Nested dictionaries as one, its keys joined by dots.</summary>
    private static Dictionary<string, object?> Flatten(IDictionary<string, object?> map)
    {
        var flat = new Dictionary<string, object?>();
        Add(map, "");
        return flat;

        void Add(IDictionary<string, object?> level, string prefix)
        {
            foreach (var pair in level)
            {
                if (pair.Value is Dictionary<string, object?> { Count: > 0 } inner)
                    Add(inner, $"{prefix}{pair.Key}.");
                else
                    flat[prefix + pair.Key] = pair.Value;
            }
        }
    }

    /// <summary>Two values are the same where their JSON is.</summary>
    private static string Canonical(object? value) => Convert.ToBase64String(JsonValue.ToBytes(value is long number ? (double)number : value));
}
