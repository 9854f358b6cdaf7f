using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// Reads any JSON into plain .NET values, which PowerShell shows, indexes and serializes without help: a dictionary for
/// an object, an array of values, a text, a number (see <see cref="ExactNumber"/>), a boolean, or null.
/// </summary>
internal static class JsonValue
{
    /// <summary>2^53, up to which every whole number is a double.</summary>
    public const double LargestExact = 9_007_199_254_740_992;

    /// <summary>A deep value must not hide what stands beside it (see <see cref="JsonValueReader"/>); one that is deeper than this is an attack.</summary>
    public static JsonReaderOptions AnyDepth { get; } = new() { MaxDepth = 20_000 };

    /// <summary>Reads a whole document.</summary>
    /// <param name="document">The bytes, as received.</param>
    /// <param name="unread">Names of the document's object whose objects and arrays stay <see cref="UnreadJson"/>.</param>
    /// <exception cref="JsonException">It is not JSON, is cut off, or is nested deeper than 20,000 levels.</exception>
    public static object? Parse(ReadOnlyMemory<byte> document, params string[] unread) => Parse(document, hidesKeys: false, unread);

    /// <summary>The same for an answer of the service: the API keys of this process are removed from its texts.</summary>
    /// <exception cref="JsonException">As for the other.</exception>
    public static object? ParseAnswer(ReadOnlyMemory<byte> document, params string[] unread) => Parse(document, hidesKeys: true, unread);

    private static object? Parse(ReadOnlyMemory<byte> document, bool hidesKeys, string[] unread)
    {
        var json = new JsonText().Next(document, isLast: true);
        var reader = new Utf8JsonReader(json.Span, AnyDepth);
        reader.Read();
        var value = new JsonValueReader { Source = json, Unread = unread, HidesKeys = hidesKeys }.Read(ref reader);
        reader.Read();
        return value;
    }

    /// <summary>
    /// Reads a text or a name as far as it is one: Python writes a file name that is not UTF-8 with lone surrogates, at
    /// which the strict reader throws; others send Latin-1 and do not say so.
    /// </summary>
    public static string ReadText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return JsonText.Unescape(ByteFallback.Utf8.GetString(reader.ValueSpan.ToArray()));
        }
    }

    /// <summary>Plain values as JSON.</summary>
    public static byte[] ToBytes(object? value, bool indented = false) => Write(value, indented).ToArray();

    /// <summary>The same as a text.</summary>
    public static string ToText(object? value)
    {
        var written = Write(value, indented: false);
        return Encoding.UTF8.GetString(written.GetBuffer(), 0, (int)written.Length);
    }

    /// <summary>Writes a number; NaN and the infinities are texts.</summary>
    public static void Write(Utf8JsonWriter writer, double number)
    {
        if (double.IsNaN(number) || double.IsInfinity(number))
            writer.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
        // In digits alone it would read back as a whole number, and be another one.
        else if (Math.Abs(number) >= LargestExact)
            writer.WriteRawValue(number.ToString("E16", CultureInfo.InvariantCulture));
        else
#if NET
            writer.WriteNumberValue(number);
#else
            writer.WriteRawValue(Shortest(number));
#endif
    }
#if !NET

    /// <summary>.NET Framework writes 17 digits, and so 0.10000000000000001 instead of 0.1.</summary>
    private static string Shortest(double number)
    {
        foreach (var format in new[] { "G15", "G16" })
        {
            var text = number.ToString(format, CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture) == number)
                return text;
        }

        return number.ToString("G17", CultureInfo.InvariantCulture);
    }
#endif

    private static MemoryStream Write(object? value, bool indented)
    {
        var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { Indented = indented }))
            Write(writer, value);
        return stream;
    }

    /// <summary>Writes plain values.</summary>
    public static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case double number: Write(writer, number); break;
            case float number: Write(writer, double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case BigInteger number: writer.WriteRawValue(number.ToString(CultureInfo.InvariantCulture)); break;
            case ulong number: writer.WriteNumberValue(number); break;
            case sbyte or byte or short or ushort or int or uint or long: writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case DateTimeOffset time: writer.WriteStringValue(time); break;
            case DateTime time: writer.WriteStringValue(time); break;
            case System.Collections.IDictionary map:
                writer.WriteStartObject();
                for (var entries = map.GetEnumerator(); entries.MoveNext();)
                {
                    writer.WritePropertyName(entries.Key.ToString()!);
                    Write(writer, entries.Value);
                }

                writer.WriteEndObject();
                break;
            case System.Collections.IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            default: writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}
