namespace Meshia.Reports;

/// <summary>An experiment as a report names it.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Name">Its name; with the id where others have the same name, and the id alone where it has none.</param>
/// <param name="IsBaseline">Whether the others are measured against it.</param>
internal sealed record ReportColumn(Experiment Experiment, string Name, bool IsBaseline)
{
    public string Id => Experiment.Id;

    /// <summary>The columns of a comparison, in the order in which its experiments were named.</summary>
    public static IReadOnlyList<ReportColumn> Of(ExperimentComparison comparison)
    {
        var counts = comparison.Experiments.GroupBy(experiment => experiment.Name ?? "").ToDictionary(same => same.Key, same => same.Count());
        return [.. comparison.Experiments.Select(experiment => new ReportColumn(experiment, NameOf(experiment), experiment.Id == comparison.BaselineId))];

        string NameOf(Experiment experiment) => string.IsNullOrWhiteSpace(experiment.Name) ? experiment.Id
            : counts[experiment.Name!] > 1 ? $"{experiment.Name} ({experiment.Id})"
            : experiment.Name!;
    }
}
