using System.Collections;

namespace Meshia.PowerShell;

/// <summary>
/// Experiments: of the session that is already given, else of the newest one that runs, else of the newest; then those
/// that were asked for a moment ago. Which session that is may need a request of its own: then the next Tab knows more.
/// </summary>
internal abstract class ExperimentCompleter : ServiceCompleter
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) =>
        ArchiveCompletion.Find(boundParameters, IdsIn(boundParameters, "SessionId", "Session"))?.Select(Suggest) ?? base.Suggest(boundParameters);

    private protected override async Task<IEnumerable<Suggestion>> SuggestAsync(CompletionCache recent, IDictionary boundParameters)
    {
        if (IdsIn(boundParameters, "SessionId", "Session") is { Count: > 0 } given)
            return (await recent.GetExperimentsAsync(given[0]).ConfigureAwait(false)).Select(Suggest);
        var sessions = recent.Recall<Session>();
        if (sessions.Count == 0)
            await recent.GetSessionsAsync().ConfigureAwait(false);
        else if ((sessions.FirstOrDefault(session => session.Status == SessionStatus.Running) ?? sessions[0]) is { } likely)
            return [.. (await recent.GetExperimentsAsync(likely.Id).ConfigureAwait(false)).Concat(recent.Recall<Experiment>()).Select(Suggest)];
        return recent.Recall<Experiment>().Select(Suggest);
    }

    private protected abstract Suggestion Suggest(Experiment experiment);
}

/// <summary>Ids of experiments.</summary>
internal sealed class ExperimentIdCompleter : ExperimentCompleter
{
    private protected override Suggestion Suggest(Experiment experiment) =>
        Suggestion.Of(experiment.Id, experiment.Name, experiment.Status, ShortText.Duration(experiment.Duration), ShortText.Age(experiment.CreatedAt));
}

/// <summary>Ids of sessions: those of the account, or with -Path those of which an archive has experiments.</summary>
internal sealed class ExperimentSessionIdCompleter : SessionIdCompleter
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) =>
        ArchiveCompletion.Find(boundParameters, [])?.Where(experiment => experiment.SessionId is not null).GroupBy(experiment => experiment.SessionId!, StringComparer.Ordinal)
            .Select(same => Suggestion.Of(same.Key, $"{same.Count()} experiments in the archive", ShortText.Age(same.Max(experiment => experiment.CreatedAt)))) ?? base.Suggest(boundParameters);
}

/// <summary>Names of experiments.</summary>
internal sealed class ExperimentNameCompleter : ExperimentCompleter
{
    private protected override bool TakesWildcards => true;

    private protected override Suggestion Suggest(Experiment experiment) =>
        Suggestion.Of(experiment.Name ?? "", experiment.Id, experiment.Status, ShortText.Duration(experiment.Duration), ShortText.Age(experiment.CreatedAt));
}

/// <summary>
/// Names that experiments hold, nested ones joined by dots: of the experiments of -Id, of which one is asked for where
/// it is not known; without -Id, of those that were asked for a moment ago.
/// </summary>
internal abstract class ExperimentKeyCompleter : ServiceCompleter
{
    private const int MostValues = 3;

    private protected override bool TakesWildcards => true;

    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) =>
        ArchiveCompletion.Find(boundParameters, IdsIn(boundParameters, "SessionId", "Session")) is { } archived ? KeysIn(archived) : base.Suggest(boundParameters);

    private protected override async Task<IEnumerable<Suggestion>> SuggestAsync(CompletionCache recent, IDictionary boundParameters)
    {
        var ids = IdsIn(boundParameters, "Id", "Experiment");
        var known = recent.Recall<Experiment>().Where(experiment => KeysOf(experiment).Count > 0).GroupBy(experiment => experiment.Id, StringComparer.Ordinal).Select(same => same.First()).ToList();
        if (ids.Count > 0)
        {
            known.RemoveAll(experiment => !ids.Contains(experiment.Id, StringComparer.Ordinal));
            if (known.Count == 0)
                known.AddRange(await recent.GetExperimentAsync(ids[0]).ConfigureAwait(false));
        }

        return KeysIn(known);
    }

    private protected abstract IDictionary<string, object?> KeysOf(Experiment experiment);

    private IEnumerable<Suggestion> KeysIn(IEnumerable<Experiment> experiments) =>
        experiments
            .SelectMany(experiment => KeysOf(experiment).Select(pair => (pair.Key, Value: $"{experiment.Name ?? experiment.Id}: {ReadableValue.Of(pair.Value)}")))
            .GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .OrderBy(same => same.Key, StringComparer.OrdinalIgnoreCase)
            .Select(same => Suggestion.Of(same.Key, [.. same.Take(MostValues).Select(pair => pair.Value)]));
}

/// <summary>Names of metrics.</summary>
internal sealed class MetricNameCompleter : ExperimentKeyCompleter
{
    private protected override IDictionary<string, object?> KeysOf(Experiment experiment) => experiment.FlattenMetrics();
}

/// <summary>Keys of configurations.</summary>
internal sealed class ConfigKeyCompleter : ExperimentKeyCompleter
{
    private protected override IDictionary<string, object?> KeysOf(Experiment experiment) => experiment.FlattenConfig();
}

/// <summary>The states of an experiment.</summary>
internal sealed class ExperimentStatusCompleter() : WordCompleter(
    (ExperimentStatus.Queued, "it waits to start"),
    (ExperimentStatus.Running, "it runs"),
    (ExperimentStatus.Completed, "it ended without an error"),
    (ExperimentStatus.Failed, "it ended with an error"));
