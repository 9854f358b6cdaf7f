using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>What a pipeline brought to be published: comparisons, results of a gate, and errors; live or after a job or JSON.</summary>
internal sealed class PublishedInput
{
    private readonly List<MetricTest> _tests = [];
    private readonly List<string> _problems = [];
    private readonly List<ExperimentComparison> _comparisons = [];

    public bool IsEmpty => _tests.Count + _problems.Count + _comparisons.Count == 0;

    /// <summary>Whether something was judged, or should have been.</summary>
    public bool IsGate => _tests.Count + _problems.Count > 0;

    public GateReport ToReport() => new(_tests, _problems, _comparisons);

    /// <summary>A sentence for each rule that failed and for each thing that could not be judged.</summary>
    public IEnumerable<string> Failures() => _tests
        .Where(test => !test.Passed)
        .Select(test => $"{test.Metric} of {test.ExperimentId}, {test.Rule}: {test.Reason}")
        .Concat(_problems.Select(problem => $"Not judged: {problem}"));

    /// <exception cref="ArgumentException">It cannot be published.</exception>
    public void Add(PSObject value)
    {
        switch (value.BaseObject)
        {
            case MetricTest test:
                _tests.Add(test);
                break;
            case ErrorRecord error:
                _problems.Add(error.ErrorDetails?.Message is { Length: > 0 } words ? words : error.Exception.Message);
                break;
            case PSCustomObject when Text(value, nameof(MetricTest.Metric)) is { } metric && Text(value, nameof(MetricTest.Rule)) is { } rule:
                _tests.Add(Read(value, metric, rule));
                break;
            default:
                _comparisons.Add(ReadComparison(value));
                break;
        }
    }

    private static MetricTest Read(PSObject value, string metric, string rule) => new()
    {
        ExperimentId = Text(value, nameof(MetricTest.ExperimentId)) ?? throw new ArgumentException("A result of Test-MeshiaExperiment without its ExperimentId cannot be published."),
        BaselineId = Text(value, nameof(MetricTest.BaselineId)),
        Metric = metric,
        Rule = rule,
        // What does not say that it passed did not.
        Reason = Text(value, nameof(MetricTest.Reason)) ?? (LanguagePrimitives.IsTrue(value.Properties[nameof(MetricTest.Passed)]?.Value) ? null : "no reason is given"),
        Value = Number(value, nameof(MetricTest.Value)),
        BaselineValue = Number(value, nameof(MetricTest.BaselineValue)),
    };

    private static ExperimentComparison ReadComparison(PSObject value)
    {
        try
        {
            return ComparisonObjectAttribute.Read(value);
        }
        catch (ArgumentException failure)
        {
            throw new ArgumentException($"This can not be published: {failure.Sentence()} Valid values: what Compare-MeshiaExperiment and Test-MeshiaExperiment give, and errors of Test-MeshiaExperiment.", failure);
        }
    }

    private static string? Text(PSObject value, string name) => value.Properties[name]?.Value?.ToString() is { Length: > 0 } text ? text : null;

    private static double? Number(PSObject value, string name) => LanguagePrimitives.TryConvertTo<double?>(value.Properties[name]?.Value, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}
