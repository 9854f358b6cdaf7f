using System.Text.Json.Nodes;

namespace Meshia.Sandbox.Experiments;

/// <summary>[D] Experiments side by side, with config diffs and metric summaries. [A] The names and the shape.</summary>
internal sealed record Comparison(
    IReadOnlyList<Experiment> Experiments, IReadOnlyList<ConfigDiff> ConfigDiffs, IReadOnlyList<MetricSummary> MetricSummaries)
{
    private static readonly string[] _moreIsBetter = ["accuracy", "f1", "score", "per_second", "reward"];
    private static readonly string[] _lessIsBetter = ["loss", "perplexity", "error", "latency"];

    public static Comparison Of(IReadOnlyList<Experiment> experiments)
    {
        var configs = Tables(experiments, experiment => experiment.Config);
        var metrics = Tables(experiments, experiment => experiment.Metrics);
        return new(experiments, [.. Diffs(configs)], [.. Summaries(metrics)]);
    }

    private static IEnumerable<ConfigDiff> Diffs(Dictionary<string, Dictionary<string, JsonNode?>> configs)
    {
        foreach (var key in Keys(configs))
        {
            var values = configs.ToDictionary(config => config.Key, config => config.Value.GetValueOrDefault(key));
            var first = values.Values.First();
            if (values.Values.Any(value => !JsonNode.DeepEquals(first, value)))
                yield return new(key, AsJson(values));
        }
    }

    private static IEnumerable<MetricSummary> Summaries(Dictionary<string, Dictionary<string, JsonNode?>> metrics)
    {
        foreach (var key in Keys(metrics))
        {
            var nodes = metrics.ToDictionary(metric => metric.Key, metric => metric.Value.GetValueOrDefault(key));
            var numbers = nodes
                .Select(node => (Id: node.Key, Value: PythonJson.Number(node.Value)))
                .Where(number => number.Value is not null)
                .ToList();
            if (numbers.Count == 0)
                continue;

            // NaN and the infinities are shown, but say nothing about the least, the most or the best.
            var finite = numbers.Where(number => double.IsFinite(number.Value!.Value)).ToList();
            var best = Matches(key, _lessIsBetter) ? finite.MinBy(number => number.Value).Id
                : Matches(key, _moreIsBetter) ? finite.MaxBy(number => number.Value).Id
                : null;
            yield return new(
                key, AsJson(nodes),
                finite.Min(number => number.Value), finite.Max(number => number.Value), finite.Average(number => number.Value), best);
        }
    }

    private static bool Matches(string key, string[] words) => words.Any(key.Contains);

    private static Dictionary<string, Dictionary<string, JsonNode?>> Tables(IEnumerable<Experiment> experiments, Func<Experiment, PythonJson> part) =>
        experiments.ToDictionary(experiment => experiment.Id, experiment => Leaves(part(experiment).Root, "").ToDictionary());

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Leaves(JsonNode? node, string path) => node is JsonObject members
        ? members.SelectMany(member => Leaves(member.Value, path.Length == 0 ? member.Key : $"{path}.{member.Key}"))
        : [new(path, node)];

    private static IEnumerable<string> Keys(Dictionary<string, Dictionary<string, JsonNode?>> tables) =>
        tables.Values.SelectMany(table => table.Keys).Distinct();

    private static PythonJson AsJson(Dictionary<string, JsonNode?> values) =>
        new(new JsonObject(values.Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone()))));
}

/// <summary>A config key whose values differ.</summary>
internal sealed record ConfigDiff(string Key, PythonJson Values);

/// <summary>What a numeric metric is in each experiment, and over all of them.</summary>
internal sealed record MetricSummary(string Metric, PythonJson Values, double? Min, double? Max, double? Mean, string? Best);
