namespace Meshia;

/// <summary>
/// Reads a comparison in the forms that the wire contract accepts, and computes from the experiments what the answer
/// leaves out.
/// </summary>
internal static class ComparisonReader
{
    private static readonly string[] _configNames = [ContractNames.ConfigDiffs, ContractNames.ConfigDiff];
    private static readonly string[] _metricNames = [ContractNames.MetricSummaries, ContractNames.Metrics];

    /// <summary>Names under which an answer may have most of its bytes, which nobody needs where it has whole experiments too.</summary>
    public static readonly string[] Unread = [ContractNames.ConfigDiffs, ContractNames.MetricSummaries];

    /// <summary>The parts of an answer.</summary>
    internal sealed record Parts(IReadOnlyList<Experiment> Experiments, Part Config, Part Metrics, IDictionary<string, object?> Rest)
    {
        /// <summary>The experiments of the answer, where the comparison can be computed from them: where one has its values, the others have theirs.</summary>
        public IEnumerable<Experiment> Whole =>
            (Config.IsThere || Experiments.Any(experiment => experiment.Config.Count > 0)) && (Metrics.IsThere || Experiments.Any(experiment => experiment.Metrics.Count > 0))
                ? Experiments
                : [];
    }

    /// <summary>What an answer says of all configuration keys, or of all metrics.</summary>
    internal sealed class Part(object? json, string nameField)
    {
        private List<Entry>? _entries;

        public bool IsThere => json is UnreadJson or object?[] or Dictionary<string, object?>;

        public List<Entry> Entries => _entries ??= [.. EntriesOf(json is UnreadJson unread ? unread.Read() : json, nameField)];

        /// <summary>The best experiments that it names, by the keys.</summary>
        public Dictionary<string, string> ReadBest()
        {
            var best = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in json is UnreadJson unread ? EntriesOf(unread.Read(without: ContractNames.Values), nameField) : Entries)
            {
                if (entry.Best is not null && !best.ContainsKey(entry.Key))
                    best.Add(entry.Key, entry.Best);
            }

            return best;
        }
    }

    /// <summary>What an answer says of one configuration key or metric.</summary>
    internal sealed record Entry(string Key, IDictionary<string, object?> Values, string? Best);

    /// <summary>An answer that says nothing.</summary>
    public static Parts Nothing => new([], new(null, ContractNames.Key), new(null, ContractNames.Metric), new JsonObject());

    /// <param name="value">The answer's JSON, read or with <see cref="Unread"/>.</param>
    public static Parts Read(object? value)
    {
        var fields = JsonFields.Of(value, ContractNames.Comparison);
        var config = TakeFirst(fields, _configNames);
        var metrics = TakeFirst(fields, _metricNames);
        return new(
            [.. Experiment.OncePerId(fields.List(ContractNames.Experiments).Where(item => item is Dictionary<string, object?>).Select(Experiment.From))],
            new(config, ContractNames.Key),
            new(metrics, ContractNames.Metric),
            fields.Rest);
    }

    /// <summary>The comparison of experiments, with what the service said of them.</summary>
    /// <param name="parts">The service's answer.</param>
    /// <param name="experiments">The experiments, two or more.</param>
    /// <param name="baselineId">That of the experiments which the others are measured against.</param>
    /// <param name="options">What to compare, and how.</param>
    public static ExperimentComparison Complete(Parts parts, IReadOnlyList<Experiment> experiments, string baselineId, ComparisonOptions options)
    {
        var ids = new ComparedIds(experiments, baselineId);
        var config = Rows(ComparisonRowKind.Config, parts.Config, experiment => experiment.Config, options.Config);
        var metrics = Rows(ComparisonRowKind.Metric, parts.Metrics, experiment => experiment.Metrics, options.Metric);
        var best = parts.Metrics.ReadBest();
        foreach (var row in metrics)
        {
            var (goal, source) = GoalOf(row, options, best.TryGetValue(row.Key, out var id) ? id : null);
            row.Aim(goal, source, options.Tolerance);
        }

        return new(experiments, baselineId, options.Tolerance, [.. config, .. metrics], parts.Rest);

        List<ComparisonRow> Rows(ComparisonRowKind kind, Part said, Func<Experiment, IDictionary<string, object?>> get, Func<string, bool> isWanted)
        {
            var rows = new Dictionary<string, object?[]>(StringComparer.Ordinal);
            for (var place = 0; place < experiments.Count; place++)
            {
                foreach (var pair in ValuesOf(experiments[place].Id, get(experiments[place]), said))
                {
                    if (!rows.TryGetValue(pair.Key, out var values))
                        rows.Add(pair.Key, values = [.. Enumerable.Repeat(ComparisonRow.Missing, experiments.Count)]);
                    values[place] = pair.Value;
                }
            }

            return [.. rows.Keys.Where(isWanted)
                .OrderBy(key => key, StringComparer.OrdinalIgnoreCase).ThenBy(key => key, StringComparer.Ordinal)
                .Select(key => new ComparisonRow(kind, key, ids, rows[key], options.Tolerance))
                .Where(row => options.IncludeEqual || row.IsDifferent)];
        }
    }

    /// <summary>The user knows best, then the service, then the name.</summary>
    private static (MetricGoal? Goal, MetricGoalSource? Source) GoalOf(ComparisonRow row, ComparisonOptions options, string? best)
    {
        if (options.Goal(row.Key) is { } given)
            return (given, MetricGoalSource.Given);
        // Its best shows the direction, unless it is neither end or all are alike.
        if (best is not null && row.Find(best)?.Number is { } number && row.Min < row.Max && (number == row.Min || number == row.Max))
            return (number == row.Min ? MetricGoal.Minimize : MetricGoal.Maximize, MetricGoalSource.Service);
        return (MetricGoalGuesser.GuessGoal(row.Key), MetricGoalSource.Guessed);
    }

    /// <summary>An experiment's own values; what the service said of it where it came without any.</summary>
    private static Dictionary<string, object?> ValuesOf(string id, IDictionary<string, object?> own, Part said)
    {
        var values = ComparisonValue.Flatten(own);
        if (values.Count > 0)
            return values;
        foreach (var entry in said.Entries)
        {
            if (entry.Values.TryGetValue(id, out var value))
                values[entry.Key] = value;
        }

        return values;
    }

    private static Entry ReadEntry(string name, JsonFields fields)
    {
        var best = fields.Text(ContractNames.Best);
        return new(name, fields.Take(ContractNames.Values) as Dictionary<string, object?> ?? fields.Rest, best);
    }

    /// <summary>Both forms of a list of named things: an array of objects that hold their name, or an object keyed by it.</summary>
    private static IEnumerable<Entry> EntriesOf(object? value, string nameField)
    {
        foreach (var item in (value as object?[] ?? []).OfType<Dictionary<string, object?>>())
        {
            var fields = new JsonFields(item);
            if ((fields.Text(nameField) ?? fields.Text(ContractNames.Name)) is { } name)
                yield return ReadEntry(name, fields);
        }

        foreach (var pair in value as Dictionary<string, object?> ?? [])
        {
            if (pair.Value is Dictionary<string, object?> item)
                yield return ReadEntry(pair.Key, new(item));
        }
    }

    private static object? TakeFirst(JsonFields fields, string[] names) => names.Select(fields.Take).FirstOrDefault(value => value is not null);
}
