using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// Remembers of ids that came from a list whether that list was complete. A list that is kept in a variable, and used by a later
/// command, is then known to be short: <c>$s = Get-MeshiaSession; $s | Stop-MeshiaSession</c>. The id keeps it, and no object has
/// a property for it.
/// </summary>
internal static class ListOrigin
{
    private static readonly ConditionalWeakTable<string, ListCompleteness> _lists = new();

    /// <summary>Remembers the list of an id. What is not known yet of the list is seen later.</summary>
    public static void Remember(string id, ListCompleteness list)
    {
        _lists.Remove(id);
        _lists.Add(id, list);
    }

    /// <summary>Why the list of an id is not complete; null if it is, or where the id came from no list.</summary>
    public static string? WhyIncomplete(string id) => _lists.TryGetValue(id, out var list) && !list.IsComplete ? list.Reasons[0] : null;
}
