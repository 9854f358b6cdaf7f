namespace Meshia;

/// <summary>
/// Addresses that are sent byte for byte. The signature of an address counts for how it is written, and <see cref="Uri"/>
/// by itself rewrites escapes (<c>%2D</c>, <c>%7E</c>, <c>%e2</c>) and takes out <c>..</c>.
/// </summary>
internal static class ExactUri
{
    /// <summary>Reads an absolute address; null if the text is not one.</summary>
    /// <param name="text">The address. What no address may hold, as a space, is escaped.</param>
    /// <exception cref="FormatException">This system would send another address (.NET Framework).</exception>
    public static Uri? TryCreate(string? text)
    {
        var address = text?.Trim().Split('#')[0];
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return null;
        if (!address!.All(character => character is > ' ' and <= '~' and not '\\'))
            return uri;
#if NET
        return Uri.TryCreate(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var exact) ? exact : null;
#else
        return IsKept(address!, uri) ? uri : throw new FormatException("an address that Windows PowerShell would change (use PowerShell 7)");
#endif
    }

    /// <summary>Reads an address that may be relative to another.</summary>
    public static Uri Combine(Uri from, Uri target) => target.IsAbsoluteUri && TryCreate(target.OriginalString) is { } exact ? exact : new(from, target);
#if !NET

    private static bool IsKept(string address, Uri uri)
    {
        var path = address.IndexOf('/', address.IndexOf("//", StringComparison.Ordinal) + 2);
        return path < 0 || uri.AbsoluteUri.EndsWith(address.Substring(path), StringComparison.Ordinal);
    }
#endif
}
