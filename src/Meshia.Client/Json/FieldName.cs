namespace Meshia;

/// <summary>Names of fields, which a service may write in another case or with other separators (wire contract, Lists).</summary>
internal static class FieldName
{
    /// <summary>Whether two names are the same without regard to case, <c>_</c> and <c>-</c>.</summary>
    public static bool AreSame(string one, string other)
    {
        var (i, j) = (0, 0);
        while (true)
        {
            while (i < one.Length && one[i] is '_' or '-')
                i++;
            while (j < other.Length && other[j] is '_' or '-')
                j++;
            if (i == one.Length || j == other.Length)
                return i == one.Length && j == other.Length;
            if (char.ToUpperInvariant(one[i++]) != char.ToUpperInvariant(other[j++]))
                return false;
        }
    }

    /// <summary>The name of a map that is the same as another name; null if there is none. The exact name goes first.</summary>
    public static string? Find(Dictionary<string, object?> map, string name)
    {
        if (map.ContainsKey(name))
            return name;
        foreach (var key in map.Keys)
        {
            if (AreSame(key, name))
                return key;
        }

        return null;
    }

    /// <summary>Whether a name is the same as one of several.</summary>
    public static bool IsOneOf(string name, IEnumerable<string> names) => names.Any(known => AreSame(name, known));
}
