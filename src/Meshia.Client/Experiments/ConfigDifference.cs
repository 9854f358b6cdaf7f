namespace Meshia;

/// <summary>A configuration key whose values differ between experiments.</summary>
public sealed class ConfigDifference
{
    internal ConfigDifference(string key, IDictionary<string, object?> values) => (Key, Values) = (key, values);

    /// <summary>The key, its levels joined by dots, as in <c>optimizer.lr</c>.</summary>
    public string Key { get; }

    /// <summary>The value of each experiment, by its id; an experiment without the key is not in it, or null.</summary>
    public IDictionary<string, object?> Values { get; }
}
