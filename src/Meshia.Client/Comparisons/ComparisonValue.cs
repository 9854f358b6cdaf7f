using System.Collections.ObjectModel;
using System.Numerics;

namespace Meshia;

/// <summary>What the values of configurations and metrics are to a comparison.</summary>
internal static class ComparisonValue
{
    private const string HistoryValue = "value";

    /// <summary>
    /// Nested dictionaries as one, their keys joined by dots. Where a name with a dot in it and nested names come to the
    /// same key, the ones that are nested more deeply get a number.
    /// </summary>
    public static Dictionary<string, object?> Flatten(IDictionary<string, object?> map)
    {
        var flat = new Dictionary<string, object?>(map.Count, StringComparer.Ordinal);
        // Level by level.
        var maps = new Queue<(string Prefix, IDictionary<string, object?> Map)>([("", map)]);
        while (maps.Count > 0)
        {
            var (prefix, inner) = maps.Dequeue();
            foreach (var pair in inner)
            {
                if (pair.Value is IDictionary<string, object?> { Count: > 0 } deeper)
                    maps.Enqueue(($"{prefix}{pair.Key}.", deeper));
                else
                    flat.Add(FreeOf(prefix + pair.Key), pair.Value);
            }
        }

        return flat;

        string FreeOf(string key)
        {
            var free = key;
            for (var number = 2; flat.ContainsKey(free); number++)
                free = FormattableString.Invariant($"{key} ({number})");
            return free;
        }
    }

    /// <summary>A value as a number; null if it is not a number.</summary>
    public static double? NumberOf(ComparisonRowKind kind, object? value) => value switch
    {
        long or double or decimal or BigInteger => ExactNumber.ToDouble(value),
        string text when kind == ComparisonRowKind.Metric || IsSpecial(text) => JsonFields.ToNumber(text),
        _ => null,
    };

    /// <summary>The numbers of a metric's history; null if the value is not a history.</summary>
    public static IReadOnlyList<double>? HistoryOf(ComparisonRowKind kind, object? value)
    {
        if (kind == ComparisonRowKind.Config || value is not object?[] { Length: > 0 } items)
            return null;
        var points = items.Select(PointOf).ToList();
        return points.Exists(point => point is null) ? null : new ReadOnlyCollection<double>([.. points.OfType<double>()]);
    }

    /// <summary>A point of a history: a number, a gap, the end of <c>[step, number]</c>, or an object with a value.</summary>
    private static double? PointOf(object? item) => item switch
    {
        null => double.NaN,
        object?[] { Length: > 0 } pair => JsonFields.ToNumber(pair[pair.Length - 1]),
        IDictionary<string, object?> map => map.TryGetValue(HistoryValue, out var value) ? value is null ? double.NaN : JsonFields.ToNumber(value) : null,
        _ => JsonFields.ToNumber(item),
    };

    /// <summary>Whether all of the values are the same, as far as a margin goes.</summary>
    public static bool AreSame(ComparisonRowKind kind, object?[] values, Tolerance margin)
    {
        // Digits that no double holds are told apart by the numbers themselves only.
        if (margin.IsNone && Array.TrueForAll(values, ExactNumber.IsNumber) && Array.Exists(values, ExactNumber.IsExact))
            return Array.TrueForAll(values, value => ExactNumber.AreSame(values[0], value));
        // Most rows are plain numbers, and a comparison has thousands of values.
        if (Array.TrueForAll(values, ExactNumber.IsNumber))
            return AreSame(Array.ConvertAll(values, value => ExactNumber.ToDouble(value)!.Value), margin);
        var numbers = values.Select(value => HistoryOf(kind, value) ?? (NumberOf(kind, value) is { } number ? [number] : null)).ToList();
        if (numbers.TrueForAll(list => list is null))
            return values.Select(Canonical).Distinct(StringComparer.Ordinal).Count() < 2;
        return numbers.TrueForAll(list => list?.Count == numbers[0]?.Count)
            && Enumerable.Range(0, numbers[0]?.Count ?? 0).All(index => AreSame([.. numbers.Select(list => list![index])], margin));
    }

    /// <summary>Whether a text is a number that JSON has no other way to write.</summary>
    public static bool IsSpecial(object? value) => value is "NaN" or "Infinity" or "-Infinity";

    /// <summary>How much more one number is than another. Whole ones beyond 2^53 have all of their digits in the values only.</summary>
    public static double Subtract((object? Value, double Number) from, (object? Value, double Number) what) =>
        Math.Max(Math.Abs(from.Number), Math.Abs(what.Number)) >= JsonValue.LargestExact && ExactNumber.ToWhole(from.Value) is { } number && ExactNumber.ToWhole(what.Value) is { } start
            ? (double)(number - start)
            : from.Number - what.Number;

    /// <summary>A value whose objects have their names in order: it stays the same through a job or a file, which do not keep another.</summary>
    public static object? Ordered(object? value) => value switch
    {
        object?[] items => items.Select(Ordered).ToArray(),
        Dictionary<string, object?> map => map.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => Ordered(pair.Value), map.Comparer),
        _ => value,
    };

    public static bool IsFinite(double number) => !double.IsNaN(number) && !double.IsInfinity(number);

    /// <summary>The mean of finite numbers in ascending order, which lies between them.</summary>
    public static double Mean(List<double> ascending)
    {
        var mean = ascending.Average();
        if (!IsFinite(mean))
            mean = ascending.Sum(number => number / ascending.Count);
        // Rounding may lead past the first or the last, and for the largest numbers to infinity.
        return Math.Max(ascending[0], Math.Min(ascending[ascending.Count - 1], mean));
    }

    private static bool AreSame(double[] numbers, Tolerance margin)
    {
        if (!Array.TrueForAll(numbers, IsFinite))
            return numbers.Distinct().Count() < 2;
        var (min, max) = (numbers.Min(), numbers.Max());
        return margin.Covers(max - min, Math.Max(Math.Abs(min), Math.Abs(max)));
    }

    /// <summary>Two values are the same where their JSON is.</summary>
    private static string Canonical(object? value) => Convert.ToBase64String(JsonValue.ToBytes(value is long number ? (double)number : value));
}
