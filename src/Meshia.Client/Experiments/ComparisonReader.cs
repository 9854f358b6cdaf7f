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
        IReadOnlyList<Part>? Config,
        IReadOnlyList<Part>? Metrics,
        IDictionary<string, object?> Rest)
    {
        /// <summary>The experiments of the answer, where the comparison can be computed from them: where one has its values, the others have theirs.</summary>
        public IEnumerable<Experiment> Whole =>
            (Config is not null || Experiments.Any(experiment => experiment.Config.Count > 0)) && (Metrics is not null || Experiments.Any(experiment => experiment.Metrics.Count > 0))
                ? Experiments
                : [];
    }

    /// <summary>What an answer says of one configuration key or metric.</summary>
    internal sealed record Part(string Key, IDictionary<string, object?> Values, string? Best);

    /// <summary>An answer that says nothing.</summary>
    public static Parts Nothing => new([], null, null, new JsonObject());

    public static Parts Read(object? value)
    {
        var fields = WireFields.Of(value, WireNames.Comparison, WireNames.Data);
        var config = TakeFirst(fields, _configNames);
        var metrics = TakeFirst(fields, _metricNames);
        return new(
            [.. fields.List(WireNames.Experiments).Where(item => item is Dictionary<string, object?>).Select(Experiment.From).GroupBy(experiment => experiment.Id).Select(same => same.First())],
            Named(config, WireNames.Key)?.Select(pair => ReadPart(pair.Name, pair.Fields)).ToList(),
            Named(metrics, WireNames.Metric)?.Select(pair => ReadPart(pair.Name, pair.Fields)).ToList(),
            fields.Rest);
    }

    /// <summary>The comparison of experiments, with what the service said of them.</summary>
    /// <param name="parts">The service's answer.</param>
    /// <param name="experiments">The experiments, two or more.</param>
    /// <param name="baselineId">That of the experiments which the others are measured against.</param>
    /// <param name="options">What to compare, and how.</param>
    public static ExperimentComparison Complete(Parts parts, IReadOnlyList<Experiment> experiments, string baselineId, ComparisonOptions options)
    {
        var config = Rows(ComparisonRowKind.Config, parts.Config, experiment => experiment.Config, options.Config);
        var metrics = Rows(ComparisonRowKind.Metric, parts.Metrics, experiment => experiment.Metrics, options.Metric);
        var best = (parts.Metrics ?? []).Where(part => part.Best is not null).GroupBy(part => part.Key).ToDictionary(same => same.Key, same => same.First().Best!);
        foreach (var row in metrics)
        {
            var (goal, source) = GoalOf(row, options, best.TryGetValue(row.Key, out var id) ? id : null);
            row.Aim(goal, source, options.Tolerance);
        }

        return new(experiments, baselineId, options.Tolerance, [.. config, .. metrics], parts.Rest);

        List<ComparisonRow> Rows(ComparisonRowKind kind, IReadOnlyList<Part>? said, Func<Experiment, IDictionary<string, object?>> get, Func<string, bool> isWanted)
        {
            var flat = experiments.Select(experiment => (experiment.Id, Values: ValuesOf(experiment.Id, get(experiment), said))).ToList();
            return [.. flat.SelectMany(pair => pair.Values.Keys).Distinct(StringComparer.Ordinal)
                .Where(isWanted)
                .OrderBy(key => key, StringComparer.OrdinalIgnoreCase).ThenBy(key => key, StringComparer.Ordinal)
                .Select(key => new ComparisonRow(kind, key, Collect(flat, key), flat.Count, baselineId, options.Tolerance))
                .Where(row => options.IncludeEqual || row.IsDifferent)];
        }
    }

    /// <summary>The user knows best, then the service, then the name.</summary>
    private static (MetricGoal? Goal, MetricGoalSource? Source) GoalOf(ComparisonRow row, ComparisonOptions options, string? best)
    {
        if (options.Goal(row.Key) is { } given)
            return (given, MetricGoalSource.Given);
        // Its best shows the direction, unless it is neither end or all are alike.
        if (best is not null && row.GetNumber(best) is { } number && row.Min < row.Max && (number == row.Min || number == row.Max))
            return (number == row.Min ? MetricGoal.Minimize : MetricGoal.Maximize, MetricGoalSource.Service);
        return (CommonMetric.GuessGoal(row.Key), MetricGoalSource.Guessed);
    }

    /// <summary>An experiment's own values; what the service said of it where it came without any.</summary>
    private static Dictionary<string, object?> ValuesOf(string id, IDictionary<string, object?> own, IReadOnlyList<Part>? said)
    {
        var values = ComparisonValue.Flatten(own);
        if (values.Count > 0)
            return values;
        foreach (var part in said ?? [])
        {
            if (part.Values.TryGetValue(id, out var value))
                values[part.Key] = value;
        }

        return values;
    }

    private static Part ReadPart(string name, WireFields fields)
    {
        var best = fields.Text(WireNames.Best);
        return new(name, fields.Take(WireNames.Values) as Dictionary<string, object?> ?? fields.Rest, best);
    }

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

    private static List<KeyValuePair<string, object?>> Collect(List<(string Id, Dictionary<string, object?> Values)> flat, string key)
    {
        var values = new List<KeyValuePair<string, object?>>(flat.Count);
        foreach (var (id, own) in flat)
        {
            if (own.TryGetValue(key, out var value))
                values.Add(new(id, value));
        }

        return values;
    }
}
