using System.Collections.ObjectModel;

namespace Meshia;

/// <summary>A list that cannot be changed. Its text is the names in it, which is what Export-Csv writes of it.</summary>
internal sealed class NamedList<T>(IEnumerable<T> items, Func<T, string> name) : ReadOnlyCollection<T>([.. items])
{
    public override string ToString() => string.Join(", ", this.Select(name));
}
