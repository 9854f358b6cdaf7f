using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NodeObject = System.Text.Json.Nodes.JsonObject;
using NodeValue = System.Text.Json.Nodes.JsonValue;

namespace Meshia.Client.Tests;

/// <summary>Every value in an answer, and every value in what was read of it, in a form in which they can be compared.</summary>
internal static partial class AnswerLeaves
{
    /// <summary>What the client adds to an object: no value of the answer may hide in it.</summary>
    private static readonly string[] _derived = ["BaseName", "Once", "Deadline", "Adopted", "Cost", "GoneAt", "IsVerified"];

    /// <summary>The values of an answer that are not in what was read of it.</summary>
    /// <param name="answer">The JSON.</param>
    /// <param name="held">What was read, by <see cref="Held"/>. What is found is taken out.</param>
    public static IEnumerable<string> Lost(JsonNode? answer, Dictionary<string, int> held)
    {
        // What can be in one place only goes first.
        foreach (var (path, forms) in Leaves(answer, "").OrderBy(leaf => leaf.Forms.Count(held.ContainsKey)).ToList())
        {
            if (forms.FirstOrDefault(form => held.GetValueOrDefault(form) > 0) is { } found)
                held[found]--;
            else
                yield return $"{path} ({forms[0]})";
        }
    }

    /// <summary>How often each value is in what was read, names included.</summary>
    public static Dictionary<string, int> Held(object? thing)
    {
        var held = new Dictionary<string, int>(StringComparer.Ordinal);
        Add(thing);
        return held;

        void Count(string form) => held[form] = held.GetValueOrDefault(form) + 1;

        void Add(object? value)
        {
            switch (value)
            {
                case null:
                    break;
                case string text:
                    Count($"text {text}");
                    break;
                case bool flag:
                    Count(flag ? "true" : "false");
                    break;
                case DateTimeOffset time:
                    Count($"time {time.UtcTicks}");
                    break;
                case TimeSpan time:
                    Count($"span {time.Ticks}");
                    break;
                case IDictionary map:
                    foreach (DictionaryEntry entry in map)
                    {
                        Count($"name {entry.Key}");
                        Add(entry.Value);
                    }

                    break;
                case IEnumerable items:
                    foreach (var item in items)
                        Add(item);
                    break;
                case IFormattable number:
                    Count(Digits(number.ToString(value is double ? "R" : null, CultureInfo.InvariantCulture)));
                    break;
                default:
                    foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0 && !_derived.Contains(property.Name)))
                        Add(property.GetValue(value));
                    break;
            }
        }
    }

    /// <summary>The values of an answer, each with the forms in which it may be held.</summary>
    private static IEnumerable<(string Path, List<string> Forms)> Leaves(JsonNode? node, string path)
    {
        switch (node)
        {
            case NodeObject map:
                foreach (var (name, value) in map)
                {
                    // Any other name is one that the client may know and not need.
                    if (name.StartsWith("zz", StringComparison.Ordinal))
                        yield return ($"{path}.{name}", [$"name {name}"]);
                    foreach (var leaf in Leaves(value, $"{path}.{name}"))
                        yield return leaf;
                }

                break;
            case JsonArray items:
                for (var place = 0; place < items.Count; place++)
                {
                    foreach (var leaf in Leaves(items[place], $"{path}[{place}]"))
                        yield return leaf;
                }

                break;
            // No text names no events, and a flag is the name of an event.
            case NodeValue value when path.EndsWith(".events", StringComparison.OrdinalIgnoreCase) && value.GetValueKind() == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetValue<string>()):
                break;
            case NodeValue value when path.Contains(".events.", StringComparison.OrdinalIgnoreCase) && value.GetValueKind() == JsonValueKind.True:
                yield return (path, [$"text {path[(path.LastIndexOf('.') + 1)..]}", "true"]);
                break;
            case NodeValue value when value.GetValueKind() == JsonValueKind.String:
                yield return (path, FormsOf(value.GetValue<string>()));
                break;
            case NodeValue value when value.GetValueKind() == JsonValueKind.Number:
                var number = value.ToJsonString();
                yield return (path, [Digits(number), $"text {number}", $"text {(number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number)}", .. Measures(number)]);
                break;
            case NodeValue value:
                // A flag may be read as its text.
                yield return (path, [value.ToJsonString(), $"text {value.ToJsonString()}"]);
                break;
        }
    }

    private static List<string> FormsOf(string text)
    {
        var forms = new List<string> { $"text {text}" };
        if (text is "true" or "false")
            forms.Add(text);
        if (text is "RUNNING" or "COMPLETED")
            forms.Add($"text {text.ToLowerInvariant()}");
        if (Number().IsMatch(text))
            forms.AddRange([Digits(text), .. Measures(text)]);
        if (Rfc3339().Match(text) is { Success: true } match && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            // A time has 7 digits of a second.
            var fraction = match.Groups[1].Value.PadRight(7, '0')[..7];
            forms.Add($"time {(time.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond) + long.Parse(fraction, CultureInfo.InvariantCulture)}");
        }

        // Of a named value, as in [{"name":"loss","value":0.3}].
        forms.Add($"name {text}");
        return forms;
    }

    /// <summary>A number as a duration in seconds, or as a time since 1970.</summary>
    private static IEnumerable<string> Measures(string number)
    {
        if (!decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || Math.Abs(value) > 1e19m)
            yield break;
        // As a flag.
        if (value is 0 or 1)
            yield return value == 0 ? "false" : "true";
        if (Math.Abs(value) < 900_000_000_000m)
            yield return $"span {(long)Math.Round(value * TimeSpan.TicksPerSecond)}";
        foreach (var perSecond in new[] { 1m, 1e3m, 1e6m, 1e9m })
        {
            var seconds = value / perSecond;
            if (seconds is > 0 and < 250_000_000_000m)
                yield return $"time {DateTimeOffset.UnixEpoch.UtcTicks + (long)Math.Truncate(seconds * TimeSpan.TicksPerSecond)}";
        }
    }

    /// <summary>A number by its digits: what is equal is the same number, however it is written.</summary>
    private static string Digits(string number)
    {
        var match = Number().Match(number);
        if (!match.Success)
            return $"text {number}";
        var (whole, fraction) = (match.Groups[2].Value, match.Groups[3].Value);
        var exponent = (match.Groups[4].Length == 0 ? 0 : long.Parse(match.Groups[4].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) - fraction.Length;
        var digits = (whole + fraction).TrimStart('0');
        var trimmed = digits.TrimEnd('0');
        return trimmed.Length == 0 ? "number 0" : $"number {match.Groups[1].Value}{trimmed}e{exponent + digits.Length - trimmed.Length}";
    }

    [GeneratedRegex(@"^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,9}))?$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:]+(?:\.([0-9]+))?([Zz]|[+-][0-9]{2}:?[0-9]{2})?$")]
    private static partial Regex Rfc3339();
}
