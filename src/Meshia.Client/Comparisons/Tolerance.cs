using System.Globalization;

namespace Meshia;

/// <summary>How far two numbers may be apart: by an amount, as in <c>0.01</c>, or by a share, as in <c>2%</c>.</summary>
public sealed class Tolerance
{
    /// <summary>What is lost in the last digits when numbers are subtracted must not decide at the limit.</summary>
    private const double RoundingError = 1e-12;

    private readonly double _number;

    /// <summary>A margin that is an amount.</summary>
    /// <param name="amount">Zero or more, in the metric's own unit.</param>
    /// <exception cref="ArgumentException">It is negative, or not a finite number.</exception>
    public Tolerance(double amount)
        : this(amount, isShare: false)
    {
    }

    private Tolerance(double number, bool isShare)
    {
        if (double.IsNaN(number) || double.IsInfinity(number) || number < 0)
            throw Wrong(number.ToString(CultureInfo.InvariantCulture), nameof(number));
        (_number, IsShare) = (number, isShare);
    }

    /// <summary>No margin at all.</summary>
    public static Tolerance None { get; } = new(0);

    /// <summary>Whether it is a share of the number that is compared with.</summary>
    public bool IsShare { get; }

    /// <summary>Whether it allows no difference.</summary>
    public bool IsNone => _number == 0;

    /// <summary>Reads <c>0.01</c> or <c>2%</c>, in every culture.</summary>
    /// <param name="text">A number, with a percent sign if it is a share.</param>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static Tolerance Parse(string text)
    {
        var trimmed = (text ?? "").Trim();
        var isShare = trimmed.EndsWith("%", StringComparison.Ordinal);
        return double.TryParse(isShare ? trimmed.Substring(0, trimmed.Length - 1) : trimmed, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) && !double.IsInfinity(number)
            ? new(isShare ? number / 100 : number, isShare)
            : throw Wrong(text, nameof(text));
    }

    /// <summary>Whether a difference lies within the margin.</summary>
    /// <param name="difference">The difference; a negative one always does.</param>
    /// <param name="from">The number that a share is one of.</param>
    public bool Covers(double difference, double from) => IsNone ? difference <= 0 : difference <= (IsShare ? _number * Math.Abs(from) : _number) + (RoundingError * Math.Abs(from));

    /// <summary>The margin as <see cref="Parse"/> reads it.</summary>
    public override string ToString() => IsShare ? FormattableString.Invariant($"{_number * 100:0.###############}%") : _number.ToString("R", CultureInfo.InvariantCulture);

    private static ArgumentException Wrong(string? text, string parameter) => new($"'{text}' is not a margin. Valid values: 0.01 (an amount), 2% (a percentage)", parameter);
}
