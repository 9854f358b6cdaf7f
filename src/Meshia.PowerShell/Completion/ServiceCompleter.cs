using System.Collections;
using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>
/// Completes a value that lives at the service: from what it said a moment ago, or with one request. One that takes too
/// long for a prompt goes on, and the next Tab has its answer.
/// </summary>
internal abstract class ServiceCompleter : Completer
{
    /// <summary>The first answer needs a line to be opened, which takes several times as long as an answer.</summary>
    private static readonly TimeSpan _patienceAtFirst = TimeSpan.FromSeconds(1);

    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters)
    {
        var given = boundParameters["Connection"] is PSObject wrapped ? wrapped.BaseObject : boundParameters["Connection"];
        var known = given as MeshiaConnection ?? CurrentConnection.Peek(boundParameters["Profile"] as string);
        if (known is not { IsRefused: false } connection)
            return [];
        var patience = connection.HasSuggested ? Patience : _patienceAtFirst;
        connection.HasSuggested = true;
        var suggestions = SuggestAsync(connection.Recent, boundParameters);
        return suggestions.Wait(patience) ? suggestions.Result : [];
    }

    /// <summary>What could stand there. It asks one question at most.</summary>
    private protected abstract Task<IEnumerable<Suggestion>> SuggestAsync(CompletionCache recent, IDictionary boundParameters);

    /// <summary>The ids that a parameter was given: as text, or in objects that hold them.</summary>
    private protected static IReadOnlyList<string> IdsIn(IDictionary boundParameters, string parameter, string type) =>
    [
        .. (boundParameters[parameter] is object?[] several ? several : [boundParameters[parameter]])
            .Select(item => IdOfAttribute.Find(type, item) as string ?? (item is PSObject wrapped ? wrapped.BaseObject : item) as string)
            .OfType<string>().Where(id => id.Length > 0),
    ];
}
