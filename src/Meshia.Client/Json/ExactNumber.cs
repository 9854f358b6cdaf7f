using System.Globalization;
using System.Numerics;

namespace Meshia;

/// <summary>
/// Numbers with all of their digits: a <see cref="long"/>, a <see cref="decimal"/> or a <see cref="BigInteger"/> for a whole
/// number, a <see cref="double"/> for a fraction, a <see cref="decimal"/> where a double would lose digits, or a
/// <see cref="string"/> where both would.
/// </summary>
internal static class ExactNumber
{
    /// <summary>A double keeps any number of up to so many digits.</summary>
    private const int SafeDigits = 15;

    /// <summary>The most characters of a whole number that is kept; a longer one is a text.</summary>
    private const int LongestWhole = 10_000;

    /// <summary>Reads a number of JSON that is not a <see cref="long"/>.</summary>
    /// <param name="text">The number as it was written.</param>
    /// <param name="number">The same as a double; infinite where it is too large for one.</param>
    public static object Read(string text, double number)
    {
        if (text.IndexOfAny(['.', 'e', 'E']) < 0)
            return ReadWhole(text);
        var digits = Normalize(text);
        // Too large or too small for any number type: a reading as infinity or zero would be wrong.
        if (double.IsInfinity(number) || (number == 0 && digits.Digits.Length > 0))
            return text;
        if (digits.Digits.Length <= SafeDigits || digits == Normalize(number.ToString("R", CultureInfo.InvariantCulture)) || digits == Normalize(number.ToString("G17", CultureInfo.InvariantCulture)))
            return number;
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && digits == Normalize(exact.ToString(CultureInfo.InvariantCulture)))
            return exact;
        return IsExactly(number, digits.Digits, digits.Exponent) ? number : text;
    }

    /// <summary>The nearest double of a number that has more digits; null for any other value.</summary>
    public static double? ToDouble(object? value) => value switch
    {
        long number => number,
        double number => number,
        decimal number => (double)number,
        BigInteger number => (double)number,
        _ => null,
    };

    /// <summary>Whether a value is a number.</summary>
    public static bool IsNumber(object? value) => value is long or double or decimal or BigInteger;

    /// <summary>Whether a value is a number that a double may not hold.</summary>
    public static bool IsExact(object? value) => value is long or decimal or BigInteger;

    /// <summary>A whole number with all of its digits; null for any other value.</summary>
    public static BigInteger? ToWhole(object? value) => value switch
    {
        long number => number,
        BigInteger number => number,
        decimal number when decimal.Truncate(number) == number => new BigInteger(number),
        double number when !double.IsNaN(number) && !double.IsInfinity(number) && Math.Truncate(number) == number => new BigInteger(number),
        _ => null,
    };

    /// <summary>Whether two numbers are the same to the last digit.</summary>
    public static bool AreSame(object? one, object? other)
    {
        if (ToWhole(one) is { } whole)
            return whole == ToWhole(other);
        return one is decimal || other is decimal ? Equals(one, other) : ToDouble(one).Equals(ToDouble(other));
    }

    /// <summary>Which of two numbers is larger, to the last digit of whole ones.</summary>
    /// <returns>Less than 0 where the first is smaller, 0 where they are equal, more where it is larger.</returns>
    public static int Compare(object one, object other)
    {
        if (ToWhole(one) is { } whole && ToWhole(other) is { } otherWhole)
            return whole.CompareTo(otherWhole);
        return one is decimal or long && other is decimal or long
            ? Convert.ToDecimal(one, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(other, CultureInfo.InvariantCulture))
            : ToDouble(one)!.Value.CompareTo(ToDouble(other)!.Value);
    }

    /// <summary>Whether digits are those of a double, written to the last: 0.1 is 0.1000000000000000055511151231257827021181583404541015625.</summary>
    private static bool IsExactly(double number, string digits, long exponent)
    {
        // No double has more digits.
        const int mostDigits = 800;
        if (digits.Length > mostDigits)
            return false;
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(number));
        var power = (int)(bits >> 52);
        var mantissa = (bits & 0xFFFFFFFFFFFFF) | (power == 0 ? 0 : 1L << 52);
        var shift = Math.Max(power, 1) - 1075;
        var written = BigInteger.Parse(digits, CultureInfo.InvariantCulture) * BigInteger.Pow(10, (int)Math.Max(exponent, 0)) << Math.Max(-shift, 0);
        return written == (new BigInteger(mantissa) << Math.Max(shift, 0)) * BigInteger.Pow(10, (int)Math.Max(-exponent, 0));
    }

    private static object ReadWhole(string text)
    {
        if (text == "-0")
            return -0.0;
        if (decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        // Parsing takes time that grows with the square of the length.
        return text.Length <= LongestWhole ? BigInteger.Parse(text, CultureInfo.InvariantCulture) : text;
    }

    /// <summary>The digits of a number without zeros at their ends, and where its point is: what is equal is the same number.</summary>
    private static (bool IsNegative, string Digits, long Exponent) Normalize(string text)
    {
        var mark = text.IndexOfAny(['e', 'E']);
        var mantissa = mark < 0 ? text : text.Substring(0, mark);
        if (!long.TryParse(mark < 0 ? "0" : text.Substring(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent))
            exponent = long.MaxValue / 2;
        var isNegative = mantissa[0] == '-';
        mantissa = mantissa.TrimStart('-', '+');
        var point = mantissa.IndexOf('.');
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        var trimmed = digits.TrimEnd('0');
        exponent += digits.Length - trimmed.Length;
        trimmed = trimmed.TrimStart('0');
        return (isNegative, trimmed, trimmed.Length == 0 ? 0 : exponent);
    }
}
