using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// Remembers of experiments that came from an archive where they came from, so that a comparison of them needs no service.
/// As with <see cref="ListOrigin"/>, the id keeps it: it is the same string in every command that the object is piped to.
/// </summary>
internal static class ArchiveOrigin
{
    private static readonly ConditionalWeakTable<string, Origin> _origins = new();

    /// <summary>Remembers where an experiment came from.</summary>
    public static void Remember(Experiment experiment, ExperimentArchive archive)
    {
        _origins.Remove(experiment.Id);
        _origins.Add(experiment.Id, new(experiment, archive));
    }

    /// <summary>
    /// The experiments of ids of which one at least came from an archive; those that are only text are looked for in that
    /// archive too. Null where none came from one.
    /// </summary>
    /// <param name="ids">Ids.</param>
    /// <returns>The experiments that were found, by their ids.</returns>
    public static Dictionary<string, Experiment>? Find(IEnumerable<string> ids)
    {
        var found = new Dictionary<string, Experiment>(StringComparer.Ordinal);
        var missing = new HashSet<string>(StringComparer.Ordinal);
        ExperimentArchive? archive = null;
        foreach (var id in ids)
        {
            if (_origins.TryGetValue(id, out var origin))
                (found[id], archive) = (origin.Experiment, archive ?? origin.Archive);
            else
                missing.Add(id);
        }

        missing.ExceptWith(found.Keys);
        if (archive is not null && missing.Count > 0)
        {
            foreach (var experiment in archive.Read().Where(experiment => missing.Remove(experiment.Id)))
                found[experiment.Id] = experiment;
        }

        return archive is null ? null : found;
    }

    private sealed record Origin(Experiment Experiment, ExperimentArchive Archive);
}
