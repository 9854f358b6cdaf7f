using System.Collections;

namespace Meshia.PowerShell;

/// <summary>Ids of the account's sessions.</summary>
internal class SessionIdCompleter : ServiceCompleter
{
    private protected override async Task<IEnumerable<Suggestion>> SuggestAsync(CompletionCache recent, IDictionary boundParameters) =>
        (await recent.GetSessionsAsync().ConfigureAwait(false)).Where(Fits).Select(session => Suggestion.Of(session.Id, session.Name, session.Gpu, session.Status, ShortText.Age(session.CreatedAt)));

    /// <summary>Whether a session makes sense for the parameter.</summary>
    private protected virtual bool Fits(Session session) => true;
}

/// <summary>Ids of the sessions that can still be stopped.</summary>
internal sealed class StoppableSessionIdCompleter : SessionIdCompleter
{
    private protected override bool Fits(Session session) => session.Status is not (SessionStatus.Stopping or SessionStatus.Stopped);
}

/// <summary>Names of the account's sessions.</summary>
internal sealed class SessionNameCompleter : ServiceCompleter
{
    private protected override bool TakesWildcards => true;

    private protected override async Task<IEnumerable<Suggestion>> SuggestAsync(CompletionCache recent, IDictionary boundParameters) =>
        (await recent.GetSessionsAsync().ConfigureAwait(false)).Select(session => Suggestion.Of(session.Name ?? "", session.Id, session.Gpu, session.Status, ShortText.Age(session.CreatedAt)));
}

/// <summary>The states of a session.</summary>
internal sealed class SessionStatusCompleter() : WordCompleter(
    (SessionStatus.Provisioning, "its pod is starting"),
    (SessionStatus.Running, "its pod is ready, and costs money"),
    (SessionStatus.Stopping, "its pod is being stopped"),
    (SessionStatus.Stopped, "its pod is gone"),
    (SessionStatus.Failed, "its pod could not start, or was lost"));

/// <summary>GPUs: the one slug that the documentation shows, and the names of the others that it mentions.</summary>
internal sealed class GpuCompleter() : WordCompleter(
    ("rtx4090", "documented"),
    ("a100", "named in the documentation; its slug may differ"),
    ("h100", "named in the documentation; its slug may differ"),
    ("h200", "named in the documentation; its slug may differ"),
    ("a5000", "named in the documentation; its slug may differ"));
