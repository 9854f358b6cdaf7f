using System.Collections;

namespace Meshia.PowerShell;

/// <summary>What a fault can be on.</summary>
internal sealed class FaultTargetCompleter() : WordCompleter(
    ("*", "every request"),
    ("GET *", "every read"),
    ("POST /sessions", "creating a session"),
    ("GET /sessions", "the list of sessions"),
    ("GET /sessions/{id}", "one session"),
    ("POST /sessions/{id}/stop", "stopping a session"),
    ("GET /sessions/{id}/experiments", "the experiments of a session"),
    ("GET /experiments/{id}", "one experiment"),
    ("POST /experiments/compare", "comparing experiments"),
    ("GET /experiments/{id}/artifacts", "the artifacts of an experiment"),
    ("GET /artifacts/{id}/download", "the address of a download"),
    ("GET /webhooks", "the list of webhooks"),
    ("POST /webhooks", "creating a webhook"),
    ("DELETE /webhooks/{id}", "removing a webhook"),
    ("storage", "the storage that artifacts are downloaded from"),
    ("session", "every session; session llama-* for some"),
    ("webhook", "every delivery; webhook session.* for some"));

/// <summary>The forms of Retry-After.</summary>
internal sealed class RetryAfterCompleter() : WordCompleter(
    ("Date", "an HTTP date"),
    ("Past", "an HTTP date in the past"),
    ("Zero", "0"),
    ("Negative", "a negative number"),
    ("Fraction", "a number with a fraction"),
    ("Long", "a very long time"),
    ("Invalid", "text that is neither a number nor a date"),
    ("None", "no header"));

/// <summary>The faults that are set in the sandbox.</summary>
internal sealed class FaultIdCompleter : Completer
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters)
    {
        if (SandboxCmdlet.Peek() is not { } client)
            return [];
        var asking = client.SendAsync("GET", "faults", null, CancellationToken.None);
        return asking.Wait(Patience)
            ? asking.Result.All("faults", SandboxAnswer.Of(fields => new SandboxFault(fields))).Select(fault => Suggestion.Of(fault.Id, fault.On, fault.Effect))
            : [];
    }
}
