namespace Meshia;

/// <summary>A dictionary whose text is JSON, which is what Export-Csv writes of it.</summary>
internal class JsonMap<TValue>(int capacity, StringComparer comparer) : Dictionary<string, TValue>(capacity, comparer)
{
    public override string ToString() => JsonValue.ToText(this);

#if NETFRAMEWORK
    public bool TryAdd(string key, TValue value)
    {
        if (ContainsKey(key))
            return false;
        Add(key, value);
        return true;
    }
#endif
}
