namespace Meshia.Reports;

/// <summary>What a gate found, as Markdown: the rules, what could not be judged, and the comparisons that belong to it.</summary>
/// <param name="Tests">The rules with what came of them.</param>
/// <param name="Problems">Why something could not be judged.</param>
/// <param name="Comparisons">Comparisons to show below.</param>
internal sealed record GateReport(IReadOnlyList<MetricTest> Tests, IReadOnlyList<string> Problems, IReadOnlyList<ExperimentComparison> Comparisons)
{
    private bool IsGate => Tests.Count + Problems.Count > 0;

    /// <summary>Writes it.</summary>
    /// <param name="title">The heading.</param>
    public string ToMarkdown(string title)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        if (IsGate)
            WriteGate(writer, title);
        foreach (var comparison in Comparisons)
        {
            if (IsGate)
                writer.Write("\n");
            MarkdownReport.Write(writer, comparison, IsGate ? "Comparison" : title, IsGate ? 2 : 1);
        }

        return writer.ToString();
    }

    private void WriteGate(StringWriter writer, string title)
    {
        writer.Write($"# {MarkdownText.Title(title)}: {Outcome()}\n\n");
        // Where the text must be shortened, what failed stays.
        var lines = Tests.OrderBy(test => test.Passed).Select(test => (IReadOnlyList<string>)
        [
            MarkdownText.Code(test.ExperimentId),
            MarkdownText.Code(test.Metric),
            MarkdownText.Code(test.Rule),
            NumberOf(test.Value),
            NumberOf(test.BaselineValue),
            test.Passed ? "passed" : $"**failed**: {MarkdownText.Code(test.Reason!)}",
        ]);
        if (Tests.Count > 0)
            MarkdownText.WriteTable(writer, ["Experiment", "Metric", "Rule", "Value", "Baseline", "Result"], lines, numbersFrom: null);
        if (Problems.Count == 0)
            return;
        writer.Write("\nNot judged:\n\n");
        foreach (var problem in Problems)
            writer.Write($"- {MarkdownText.Code(problem)}\n");
    }

    private string Outcome()
    {
        var failed = Tests.Count(test => !test.Passed);
        if (failed > 0)
            return FormattableString.Invariant($"{failed} of {Tests.Count} rules failed");
        if (Problems.Count > 0)
            return Tests.Count == 0 ? "nothing could be judged" : FormattableString.Invariant($"all {Tests.Count} rules passed, but not everything could be judged");
        return FormattableString.Invariant($"all {Tests.Count} rules passed");
    }

    private static string NumberOf(double? number) => number is { } value ? ReportText.Exact(value) : MarkdownText.NoValue;
}
