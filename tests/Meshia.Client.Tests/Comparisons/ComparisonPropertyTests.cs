using System.Globalization;
using System.Text;
using CsCheck;

namespace Meshia.Client.Tests;

/// <summary>What holds for any comparison, whatever the service sends.</summary>
public class ComparisonPropertyTests
{
    private const int Iterations = 3000;

    private static readonly Gen<object?> _number = Gen.OneOf(
        Gen.Double[-1e3, 1e3].Select(value => (object?)value),
        Gen.Double.Select(value => (object?)value),
        Gen.Long.Select(value => (object?)value),
        Gen.OneOfConst<object?>(double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.MinValue, double.Epsilon, 0.0, -0.0, 0L, long.MaxValue, long.MinValue));

    private static readonly Gen<object?> _plain = Gen.OneOf(_number, _number, Gen.String[0, 5].Select(text => (object?)text), Gen.Bool.Select(flag => (object?)flag), Gen.OneOfConst<object?>(null, "NaN", "0.5", "a\0b", "\ud800"));

    private static readonly Gen<object?> _value = Gen.OneOf(
        _plain,
        _plain,
        _plain,
        _number.Array[0, 4].Select(items => (object?)items),
        _plain.Array[0, 3].Select(items => (object?)items),
        Gen.Dictionary(Gen.OneOfConst("a", "b", "value"), _plain)[0, 3].Select(map => (object?)map));

    private static readonly Gen<Dictionary<string, object?>> _map = Gen.Dictionary(Gen.OneOfConst("loss", "acc", "val/acc", "a", "a.b", "A", "x y", ""), _value)[0, 6];

    private static readonly Gen<Experiment[]> _experiments = Gen.Select(_map, _map)
        .Select((config, metrics) => (config, metrics)).Array[2, 5]
        .Select(parts => parts.Select((part, index) => Experiment.From(new Dictionary<string, object?>
        {
            ["id"] = $"exp_{index}",
            ["config"] = part.config,
            ["metrics"] = part.metrics,
        })).ToArray());

    /// <summary>What a service may say of a comparison: the parts in any form, named right or wrong.</summary>
    private static readonly Gen<Dictionary<string, object?>> _part = Gen.Dictionary(
        Gen.OneOfConst("key", "metric", "name", "values", "best", "min", "id", "exp_0", "exp_1", "config", "metrics"),
        Gen.OneOf(_value, Gen.OneOfConst<object?>("loss", "exp_0", "exp_9"), _map.Select(map => (object?)map)))[0, 5];

    private static readonly Gen<Dictionary<string, object?>> _answer = Gen.Dictionary(
        Gen.OneOfConst("experiments", "config_diffs", "config_diff", "metric_summaries", "metrics", "comparison", "data", "winner"),
        Gen.OneOf(_value, _part.Select(part => (object?)part), _part.Array[0, 4].Select(parts => (object?)parts)))[0, 5];

    private static readonly Gen<Tolerance> _margin = Gen.OneOfConst(Tolerance.None, new Tolerance(0.5), Tolerance.Parse("5%"));

    [Fact]
    public void The_order_of_arrival_changes_nothing() => Gen.Select(_experiments, _margin, Gen.Bool).Sample((experiments, margin, all) =>
        Assert.Equal(Shape(Compare(experiments, "exp_1", margin, all)), Shape(Compare([.. experiments.Reverse()], "exp_1", margin, all))), iter: Iterations);

    [Fact]
    public void Another_baseline_of_the_two_negates_the_deltas() => Gen.Select(_experiments, _margin).Sample((experiments, margin) =>
    {
        var (there, back) = (Compare(experiments, "exp_0", margin, all: true), Compare(experiments, "exp_1", margin, all: true));

        foreach (var (one, other) in Rows(there).Zip(Rows(back)))
        {
            Assert.Equal(one.Key, other.Key);
            Assert.Equal(one.Delta.TryGetValue("exp_1", out var delta), other.Delta.TryGetValue("exp_0", out var opposite));
            Assert.Equal(delta, -opposite);
        }
    }, iter: Iterations);

    [Fact]
    public void A_number_that_is_none_never_wins_and_breaks_no_mean() => Gen.Select(_experiments, _margin).Sample((experiments, margin) =>
    {
        foreach (var row in Compare(experiments, "exp_0", margin, all: true).Metrics)
        {
            Assert.True(row.Best.All(id => double.IsFinite(row.Numbers[id])));
            Each.Of(new[] { row.Min, row.Max, row.Mean }, number => Assert.True(number is null || double.IsFinite(number.Value)));
            Assert.True(row.Mean is null || (row.Min <= row.Mean && row.Mean <= row.Max));
        }
    }, iter: Iterations);

    [Theory]
    [InlineData(double.MinValue)]
    [InlineData(double.MaxValue)]
    [InlineData(0.1)]
    public void The_mean_of_equal_numbers_is_that_number(double number)
    {
        for (var count = 2; count <= 100; count++)
        {
            var experiments = Enumerable.Range(0, count).Select(index => Experiment.From(new Dictionary<string, object?>
            {
                ["id"] = $"exp_{index}",
                ["metrics"] = new Dictionary<string, object?> { ["loss"] = number },
            })).ToArray();

            Assert.Equal(number, Compare(experiments, "exp_0", Tolerance.None, all: true).Metrics.Single().Mean);
        }
    }

    [Fact]
    public void Its_json_reads_back_as_the_same_comparison() => Gen.Select(_experiments, _margin, Gen.Bool).Sample((experiments, margin, all) =>
    {
        var comparison = Compare(experiments, "exp_0", margin, all);
        var json = comparison.ToJson();

        var read = ExperimentComparison.FromProperties((Dictionary<string, object?>)MeshiaClient.ParseJson(json)!);

        Assert.Equal(json, read.ToJson());
    }, iter: Iterations);

    [Fact]
    public void Its_json_is_the_same_in_a_stream() => Gen.Select(_experiments, _margin, Gen.Bool).Sample((experiments, margin, all) =>
    {
        var comparison = Compare(experiments, "exp_0", margin, all);
        using var stream = new MemoryStream();

        comparison.WriteJson(stream);

        Assert.Equal(comparison.ToJson(), Encoding.UTF8.GetString(stream.ToArray()));
    }, iter: Iterations / 10);

    [Fact]
    public void What_is_found_for_an_experiment_is_what_the_rows_say() => Gen.Select(_experiments, _margin, Gen.Bool).Sample((experiments, margin, all) =>
    {
        foreach (var row in Rows(Compare(experiments, "exp_0", margin, all)))
        {
            Assert.Null(row.Find("exp_9"));
            foreach (var id in experiments.Select(experiment => experiment.Id))
            {
                var found = row.Find(id);
                Assert.Equal(row.Values.ContainsKey(id), found is not null);
                if (found is not { } value)
                    continue;
                Assert.Same(row.Values[id], value.Value);
                Assert.Equal(Of(row.Numbers), value.Number);
                Assert.Equal(Of(row.Delta), value.Delta);
                Assert.Equal(Of(row.Percent), value.Percent);
                Assert.Equal(row.GetHistory(id), value.History);
                Assert.Equal(row.Best.Contains(id), value.IsBest);

                double? Of(IDictionary<string, double> numbers) => numbers.TryGetValue(id, out var number) ? number : null;
            }
        }
    }, iter: Iterations);

    [Fact]
    public void What_stays_unread_of_an_answer_changes_nothing() => Gen.Select(_experiments, _answer, _margin, Gen.Bool).Sample((experiments, answer, margin, all) =>
    {
        var json = JsonValue.ToBytes(answer);

        Assert.Equal(Complete(), Complete(ComparisonReader.Unread));

        string Complete(params string[] unread)
        {
            try
            {
                var parts = ComparisonReader.Read(JsonValue.Parse(json, unread));
                return Shape(ComparisonReader.Complete(parts, experiments, "exp_1", new() { Tolerance = margin, IncludeEqual = all })) + JsonValue.ToText(parts.Rest);
            }
            catch (FormatException failure)
            {
                return failure.Message;
            }
        }
    }, iter: Iterations);

    [Fact]
    public void No_answer_makes_it_throw() => Gen.Select(_experiments, _answer, _margin, Gen.Bool).Sample((experiments, answer, margin, all) =>
    {
        ComparisonReader.Parts parts;
        try
        {
            parts = ComparisonReader.Read(answer);
        }
        catch (FormatException)
        {
            // What is no comparison becomes invalid_answer.
            return;
        }

        var comparison = ComparisonReader.Complete(parts, experiments, "exp_1", new() { Tolerance = margin, IncludeEqual = all });

        Assert.Equal(experiments.Length, comparison.Experiments.Count);
        Assert.DoesNotContain(Rows(comparison), row => row.Delta.ContainsKey("exp_1"));
        Assert.NotEmpty(comparison.ToJson());
    }, iter: Iterations);

    private static ExperimentComparison Compare(Experiment[] experiments, string baselineId, Tolerance tolerance, bool all) => ComparisonReader.Complete(
        ComparisonReader.Nothing,
        experiments,
        baselineId,
        new() { Tolerance = tolerance, IncludeEqual = all });

    private static IEnumerable<ComparisonRow> Rows(ExperimentComparison comparison) => comparison.Config.Concat(comparison.Metrics);

    private static string Shape(ExperimentComparison comparison)
    {
        var text = new StringBuilder();
        foreach (var row in Rows(comparison))
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Kind} {row.Key} {row.IsDifferent} {row.Goal} {row.Min:R} {row.Max:R} {row.Mean:R} best {string.Join(',', row.Best.Order(StringComparer.Ordinal))}");
            foreach (var (id, delta) in row.Delta.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $" {id} {delta:R} {(row.Percent.TryGetValue(id, out var percent) ? percent : null):R}");
            text.AppendLine();
        }

        return text.ToString();
    }
}
