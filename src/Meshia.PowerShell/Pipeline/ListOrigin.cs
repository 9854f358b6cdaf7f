using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// Remembers of ids that they came from a list that was not complete. A list that is kept in a variable, and used by a later
/// command, is then known to be short: <c>$s = Get-MeshiaSession; $s | Stop-MeshiaSession</c>. The id keeps it, and no object has
/// a property for it.
/// </summary>
internal static class ListOrigin
{
    private static readonly ConditionalWeakTable<string, ListCompleteness> _lists = new();

    /// <summary>Remembers a list that is not complete for each of its ids. Of one that is complete there is nothing to say, and each id would cost time.</summary>
    public static void Remember(IEnumerable<string> ids, ListCompleteness list)
    {
        foreach (var id in list.IsComplete ? [] : ids)
        {
            _lists.Remove(id);
            _lists.Add(id, list);
        }
    }

    /// <summary>Why the list of an id is not complete; null if it is, or where the id came from no list.</summary>
    public static string? WhyIncomplete(string id) => _lists.TryGetValue(id, out var list) ? list.Reasons[0] : null;
}
