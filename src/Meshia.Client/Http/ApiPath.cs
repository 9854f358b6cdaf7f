namespace Meshia;

/// <summary>Paths of the API.</summary>
internal static class ApiPath
{
    /// <summary>Checks an id and makes it a segment of a path.</summary>
    /// <exception cref="ArgumentException">It cannot be an id.</exception>
    public static string Segment(string id, string parameter)
    {
        // "." and ".." would be resolved by the address itself and reach another endpoint.
        if (string.IsNullOrWhiteSpace(id) || id is "." or ".." || id.Any(char.IsControl))
            throw new ArgumentException($"'{id}' is not an id.", parameter);
        return Uri.EscapeDataString(id);
    }

    /// <summary>Puts a path below the base address, and nowhere else.</summary>
    /// <exception cref="ArgumentException">It leads out of the base address.</exception>
    public static Uri Resolve(Uri baseUri, string path)
    {
        var end = path.IndexOf('?');
        var beforeQuery = end < 0 ? path : path.Substring(0, end);
        // Below the base address each of these would be another path than the one that was meant.
        if (beforeQuery.Contains("://") || beforeQuery.StartsWith("//", StringComparison.Ordinal))
            throw new ArgumentException($"The path '{path}' is an address. Give the part after {baseUri.AbsoluteUri.TrimEnd('/')}, as in /sessions", nameof(path));
        if (path.IndexOf('#') >= 0)
            throw new ArgumentException($"The path '{path}' has a '#', and the text after it would not be sent. Write it as %23.", nameof(path));
        var root = baseUri.AbsoluteUri.TrimEnd('/') + "/";
        if (!Uri.TryCreate(root + path.TrimStart('/'), UriKind.Absolute, out var uri) || !uri.AbsoluteUri.StartsWith(root, StringComparison.Ordinal))
            throw new ArgumentException($"The path '{path}' leads out of {root}. Example: /sessions", nameof(path));
        var composed = uri.AbsoluteUri.Substring(root.Length);
        if (!IsSamePath(beforeQuery.TrimStart('/'), composed.Split('?')[0]))
            throw new ArgumentException($"The path '{path}' was not sent, because it would reach '/{composed}'. {HowToWriteIt}", nameof(path));
        return uri;
    }

    private static string HowToWriteIt => Environment.Version.Major >= 5
        ? "Write it without '.' and '..' between slashes, and a backslash as %5C."
        : "Windows PowerShell changes some paths on their way, such as those with %2F, %5C or '..'. Use PowerShell 7 for this one.";

    /// <summary>Whether a composed path has the segments that were meant. <see cref="Uri"/> resolves dots, and on .NET Framework reads %2F as a slash.</summary>
    private static bool IsSamePath(string meant, string composed) =>
        meant.Split('/').Select(Uri.UnescapeDataString).SequenceEqual(composed.Split('/').Select(Uri.UnescapeDataString), StringComparer.Ordinal);

    /// <summary>Whether two addresses have the same scheme, host and port.</summary>
    public static bool IsSameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
}
