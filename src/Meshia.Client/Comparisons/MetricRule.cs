using System.Globalization;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>
/// What a metric must hold to: no worse than the baseline's by more than a margin, as in <c>2%</c>, or a bound, as in
/// <c>&lt;= 0.5</c>.
/// </summary>
public sealed class MetricRule
{
    private static readonly Regex _bound = new(@"^(<=|>=|<|>)\s*(\S+)$", RegexOptions.CultureInvariant);

    private readonly string? _comparison;
    private readonly object _limit;

    private MetricRule(string metric, Func<string, bool> isFor, Tolerance? maxRegression, string? comparison, object limit) =>
        (Metric, IsFor, MaxRegression, _comparison, _limit) = (metric, isFor, maxRegression, comparison, limit);

    /// <summary>The metric's name, or a pattern of several.</summary>
    public string Metric { get; }

    /// <summary>How much worse than the baseline's it may be; null for a bound.</summary>
    public Tolerance? MaxRegression { get; }

    internal Func<string, bool> IsFor { get; }

    /// <summary>Reads a rule, in every culture.</summary>
    /// <param name="metric">The metric's name, or a pattern of several.</param>
    /// <param name="isFor">Which metrics it means.</param>
    /// <param name="text">A margin (<c>0.01</c>, <c>2%</c>) or a bound (<c>&lt;= 0.5</c>, <c>&gt; 0.9</c>).</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static MetricRule Parse(string metric, Func<string, bool> isFor, string text)
    {
        var trimmed = (text ?? "").Trim();
        if (_bound.Match(trimmed) is { Success: true } match
            && double.TryParse(match.Groups[2].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) && ComparisonValue.IsFinite(limit))
            return new(metric, isFor, null, match.Groups[1].Value, ExactNumber.Read(match.Groups[2].Value, limit));
        try
        {
            return new(metric, isFor, Tolerance.Parse(trimmed), null, 0.0);
        }
        catch (ArgumentException)
        {
            throw new ArgumentException($"'{text}' is not a rule for {metric}. Valid values: 0.01 or 2% (how much worse than the baseline it may be), '<= 0.5', '> 0.9'", nameof(text));
        }
    }

    /// <summary>The rule in words.</summary>
    public override string ToString() => MaxRegression is null ? $"{_comparison} {JsonFields.ToText(_limit)}" : MaxRegression.IsNone ? "not worse" : $"at most {MaxRegression} worse";

    /// <summary>Why a metric breaks the rule; null if it keeps it.</summary>
    /// <param name="row">The metric.</param>
    /// <param name="id">The experiment under test.</param>
    /// <param name="baselineId">The experiment that it is measured against.</param>
    internal string? FindFault(ComparisonRow row, string id, string? baselineId)
    {
        if (row.Find(id) is not { } found)
            return "the experiment does not have it";
        if (found.Number is not { } value)
            return "it is not a number";
        if (!ComparisonValue.IsFinite(value))
            return $"it is {value.ToString(CultureInfo.InvariantCulture)}";
        if (MaxRegression is null)
            return KeepsBound(Exact(found, value)) ? null : $"it is {JsonFields.ToText(Exact(found, value))}";
        if (baselineId is null || row.Find(baselineId)?.Number is not { } from || !ComparisonValue.IsFinite(from))
            return "the baseline has no number for it";
        if (row.Goal is not { } goal)
            return "its goal is not known (less or more)";
        // A difference in the last of many digits is one too.
        var (after, before) = ((found.Value, value), (row.Find(baselineId)?.Value, from));
        var worse = goal == MetricGoal.Minimize ? ComparisonValue.Subtract(after, before) : ComparisonValue.Subtract(before, after);
        return MaxRegression.Covers(worse, from) ? null : FormattableString.Invariant($"it went from {from:R} to {value:R}, and {(goal == MetricGoal.Minimize ? "less" : "more")} is better");
    }

    private bool KeepsBound(object value) => _comparison switch
    {
        "<=" => ExactNumber.Compare(value, _limit) <= 0,
        ">=" => ExactNumber.Compare(value, _limit) >= 0,
        "<" => ExactNumber.Compare(value, _limit) < 0,
        _ => ExactNumber.Compare(value, _limit) > 0,
    };

    /// <summary>The number with all of its digits; that of a text or of a history as far as a double has them.</summary>
    private static object Exact(ComparedValue found, double number) => ExactNumber.IsNumber(found.Value) ? found.Value! : number;
}
