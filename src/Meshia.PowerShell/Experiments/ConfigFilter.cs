using System.Collections;
using System.Globalization;

namespace Meshia.PowerShell;

/// <summary>What the configuration of an experiment must hold: keys, levels joined by dots, with a value, several of which one must be there, or a pattern.</summary>
internal sealed class ConfigFilter
{
    private readonly List<(string Key, List<Func<object?, bool>> Values)> _keys = [];
    private readonly HashSet<string> _missing;

    /// <exception cref="ArgumentException">A key is empty, or a value is nothing that a configuration could hold.</exception>
    public ConfigFilter(IDictionary? filter)
    {
        foreach (var entry in PlainValues.Entries(filter ?? new Hashtable()))
        {
            if (entry.Key.ToString() is not { Length: > 0 } key)
                throw new ArgumentException("-Config has an empty key. Example: @{ 'optimizer.lr' = 0.001 }");
            var value = PlainValues.FromPowerShell(entry.Value);
            _keys.Add((key, [.. (value as object?[] ?? [value]).Select(Matcher)]));
        }

        _missing = new(_keys.Select(pair => pair.Key), StringComparer.Ordinal);
    }

    /// <summary>Whether there is any filter.</summary>
    public bool IsEmpty => _keys.Count == 0;

    /// <summary>The keys that no experiment had.</summary>
    public IReadOnlyCollection<string> UnknownKeys => _missing;

    /// <summary>Whether an experiment has all of it.</summary>
    public bool Match(Experiment experiment)
    {
        if (IsEmpty)
            return true;
        var config = experiment.FlattenConfig();
        var matches = true;
        foreach (var (key, values) in _keys)
        {
            var isThere = config.TryGetValue(key, out var value);
            if (!isThere)
            {
                var alike = config.Where(pair => string.Equals(pair.Key, key, StringComparison.OrdinalIgnoreCase)).ToList();
                (isThere, value) = alike.Count == 1 ? (true, alike[0].Value) : default;
            }

            if (isThere)
                _missing.Remove(key);
            matches &= values.Exists(match => match(value));
        }

        return matches;
    }

    private static Func<object?, bool> Matcher(object? wanted)
    {
        if (wanted is null)
            return static value => value is null;
        // JSON has one kind of number: 0.001, '1e-3' and 0.0010 are the same.
        var number = NumberIn(wanted is string ? wanted : Convert.ToString(wanted, CultureInfo.InvariantCulture));
        var text = wanted is bool or string ? wanted.ToString()! : number is null ? JsonValue.ToText(wanted) : Convert.ToString(wanted, CultureInfo.InvariantCulture)!;
        var wildcards = new Wildcards([text]);
        var json = text.Replace(" ", "");
        return value => value switch
        {
            null => false,
            object?[] or IDictionary => string.Equals(JsonValue.ToText(value), json, StringComparison.OrdinalIgnoreCase),
            _ => (number is not null && NumberIn(value is string ? value : ExactNumber.IsNumber(value) ? value : null) is { } other && ExactNumber.AreSame(number, other)) || wildcards.Match(JsonFields.ToText(value)),
        };
    }

    private static object? NumberIn(object? value)
    {
        if (value is not string text)
            return value;
        try
        {
            return MeshiaClient.ParseJson(text) is { } parsed && ExactNumber.IsNumber(parsed) ? parsed : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
