namespace Meshia;

/// <summary>Reads the forms in which services write a SHA-256 (wire contract, Lists).</summary>
internal static class Sha256Text
{
    private const int ByteCount = 32;

    private static readonly string[] _names = ["sha256", "sha-256"];

    /// <summary>The hash in lower-case hexadecimal digits; null if the text is not a SHA-256.</summary>
    public static string? TryRead(string? text)
    {
        var digits = WithoutName(text?.Trim() ?? "").Trim(':');
        if (digits.Length == 2 * ByteCount)
            return digits.All(IsHex) ? digits.ToLowerInvariant() : null;
        var base64 = digits.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        if (base64.Length != ((4 * ByteCount) + 2) / 3)
            return null;
        try
        {
            return FileHash.Hex(Convert.FromBase64String(base64 + "="));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string WithoutName(string text)
    {
        foreach (var name in _names)
        {
            if (text.Length > name.Length && text.StartsWith(name, StringComparison.OrdinalIgnoreCase) && text[name.Length] is ':' or '=' or '-')
                return text.Substring(name.Length + 1).Trim();
        }

        return text;
    }

    private static bool IsHex(char digit) => digit is (>= '0' and <= '9') or (>= 'a' and <= 'f') or (>= 'A' and <= 'F');
}
