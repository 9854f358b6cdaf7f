namespace Meshia;

/// <summary>The ids of the experiments of a comparison, and the place that each has in all of its rows.</summary>
internal sealed class ComparedIds
{
    private readonly Dictionary<string, int> _places;

    public ComparedIds(IReadOnlyList<Experiment> experiments, string baselineId)
    {
        All = [.. experiments.Select(experiment => experiment.Id)];
        _places = new(All.Length, StringComparer.Ordinal);
        foreach (var id in All)
            _places.Add(id, _places.Count);
        Baseline = _places[baselineId];
    }

    public string[] All { get; }

    /// <summary>The baseline's place.</summary>
    public int Baseline { get; }

    /// <summary>The place of an experiment; -1 if it is not in the comparison.</summary>
    public int PlaceOf(string id) => _places.TryGetValue(id, out var place) ? place : -1;
}
