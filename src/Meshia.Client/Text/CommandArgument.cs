namespace Meshia;

/// <summary>A value as an argument of a PowerShell command that a person may copy.</summary>
internal static class CommandArgument
{
    /// <summary>Leaves a plain word as it is and puts anything else in single quotes.</summary>
    /// <param name="value">The value.</param>
    public static string Quote(string value)
    {
        if (value.Length > 0 && IsWordCharacter(value[0]) && value.All(static letter => IsWordCharacter(letter) || letter is '-' or '.'))
            return value;
        // PowerShell reads the typographic quotes as single quotes too.
        return $"'{string.Concat(value.Select(static letter => letter is '\'' or (>= '\u2018' and <= '\u201B') ? $"{letter}{letter}" : letter.ToString()))}'";
    }

    private static bool IsWordCharacter(char letter) => letter is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_';
}
