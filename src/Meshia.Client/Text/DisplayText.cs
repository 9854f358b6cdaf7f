using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Meshia;

/// <summary>
/// Text that is safe to show to a person: in an error, a stream, a view or a report. It is written as an interpolated
/// string, and every value in it is treated as text from outside: <see cref="KnownSecrets"/> removes secrets,
/// <see cref="VisibleText"/> replaces what cannot be seen, and the length is bounded. No other way makes one from a string.
/// </summary>
/// <remarks>
/// Formats of a value: <c>{id:command}</c> quotes it as an argument of a PowerShell command to copy; <c>{message:long}</c>
/// allows <see cref="LongestMessage"/> characters instead of <see cref="LongestValue"/>; a number, time or other
/// formattable value takes its own format, in the invariant culture.
/// </remarks>
[InterpolatedStringHandler]
public sealed class DisplayText
{
    /// <summary>The most characters that one value adds.</summary>
    public const int LongestValue = 200;

    /// <summary>The most characters that a value with the format <c>long</c> adds.</summary>
    public const int LongestMessage = 2000;

    /// <summary>The most items of a list that are named.</summary>
    private const int MostItems = 20;

    private const string CommandFormat = "command";
    private const string LongFormat = "long";

    private readonly StringBuilder _text;

    /// <summary>Called by the compiler for an interpolated string.</summary>
    /// <param name="literalLength">How many characters of the string are fixed.</param>
    /// <param name="formattedCount">How many values are in it.</param>
    public DisplayText(int literalLength, int formattedCount) => _text = new(literalLength + (formattedCount * 16));

    /// <summary>The text as a string.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator string(DisplayText text) => text is null ? "" : text.ToString();

    /// <summary>Joins two texts.</summary>
    /// <param name="left">The first text.</param>
    /// <param name="right">The second text.</param>
    public static DisplayText operator +(DisplayText left, DisplayText right) => $"{left}{right}";

    /// <summary>Makes a text from outside safe to show.</summary>
    /// <param name="text">The text; null is the empty text.</param>
    public static DisplayText From(string? text) => $"{text:long}";

    /// <summary>Removes secrets from a text, replaces invisible characters and bounds the length.</summary>
    /// <param name="text">The text; null is the empty text.</param>
    /// <param name="longest">The most characters that the result has; an ellipsis replaces what is cut off.</param>
    public static string Clean(string? text, int longest = LongestValue) => VisibleText.Clean(KnownSecrets.Remove(text ?? ""), longest);

    /// <summary>Called by the compiler for a fixed part.</summary>
    /// <param name="literal">The fixed part.</param>
    public void AppendLiteral(string literal) => _text.Append(literal);

    /// <summary>Called by the compiler for text that is safe already.</summary>
    /// <param name="value">The text.</param>
    public void AppendFormatted(DisplayText? value) => _text.Append(value?.ToString());

    /// <summary>Called by the compiler for a text from outside.</summary>
    /// <param name="value">The text.</param>
    /// <param name="format"><c>command</c>, <c>long</c> or nothing.</param>
    public void AppendFormatted(string? value, string? format = null) => _text.Append(format switch
    {
        CommandFormat => CommandArgument.Quote(Clean(value)),
        LongFormat => Clean(value, LongestMessage),
        _ => Clean(value),
    });

    /// <summary>Called by the compiler for several texts from outside, which are joined by commas.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="format"><c>command</c> or nothing.</param>
    public void AppendFormatted(IEnumerable<string?> values, string? format = null)
    {
        var all = values as ICollection<string?> ?? [.. values];
        var separator = "";
        foreach (var value in all.Take(MostItems))
        {
            _text.Append(separator);
            AppendFormatted(value, format);
            separator = ", ";
        }

        if (all.Count > MostItems)
            _text.Append(" and ").Append(all.Count - MostItems).Append(" more");
    }

    /// <summary>Called by the compiler for any other value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="format">A format of the value's own, <c>command</c>, <c>long</c> or nothing.</param>
    /// <typeparam name="T">The type of the value.</typeparam>
    public void AppendFormatted<T>(T value, string? format = null)
    {
        if (value is IEnumerable<string?> texts)
            AppendFormatted(texts, format);
        else if (value is IFormattable formattable && format is not (CommandFormat or LongFormat))
            AppendFormatted(formattable.ToString(format, CultureInfo.InvariantCulture));
        else
            AppendFormatted(Convert.ToString(value, CultureInfo.InvariantCulture), format);
    }

    /// <summary>The text.</summary>
    public override string ToString() => _text.ToString();
}
