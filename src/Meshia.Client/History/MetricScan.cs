using System.Buffers.Text;
using System.Text;

namespace Meshia;

/// <summary>
/// Finds the number of one metric in a line of an archive without reading the line as JSON, which takes twenty times as long.
/// It finds it only where there can be no doubt; other lines have to be read.
/// </summary>
/// <remarks>A quote inside a text of JSON has a backslash before it, so a quoted name with a colon behind it is always a key.</remarks>
internal sealed class MetricScan
{
    private static readonly byte[] _metrics = [.. "\"metrics\":"u8];

    /// <summary>The keys on the way to the number; all but the last one hold objects.</summary>
    private readonly byte[][] _keys;

    /// <param name="metric">The metric's name, levels joined by dots.</param>
    public MetricScan(string metric)
    {
        var names = metric.Split('.');
        _keys = [.. names.Select((name, place) => Encoding.UTF8.GetBytes($"\"{name}\":{(place < names.Length - 1 ? "{" : "")}"))];
    }

    /// <summary>The number; null if the line has to be read.</summary>
    public double? Find(ReadOnlySpan<byte> line)
    {
        var start = line.IndexOf(_metrics);
        // What does not end as an object is damaged, which a reader has to find.
        if (start < 0 || line[line.Length - 1] != '}')
            return null;
        var rest = line.Slice(start + _metrics.Length);
        if (rest[0] != '{' || rest.IndexOf(_metrics) >= 0)
            return null;
        rest = rest.Slice(1);
        foreach (var key in _keys)
        {
            var place = rest.IndexOf(key);
            // Behind a bracket it may be a key of another object.
            if (place < 0 || rest.Slice(0, place).IndexOfAny("{}[]"u8) >= 0)
                return null;
            rest = rest.Slice(place + key.Length);
        }

        return Utf8Parser.TryParse(rest, out double number, out var length) && length < rest.Length && rest[length] is (byte)',' or (byte)'}' && ComparisonValue.IsFinite(number) && rest.IndexOf(_keys[_keys.Length - 1]) < 0
            ? number
            : null;
    }
}
