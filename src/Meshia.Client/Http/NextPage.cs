using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>Finds the next page of a list, by whichever of the three assumed ways the service names it.</summary>
internal static class NextPage
{
    private const string LinkParameterPattern = """;\s*([^\s=;,"]+)\s*=\s*("[^"]*"|[^\s";,]*)""";
    private const string LinkPattern = $"""<([^>]*)>((?:\s*{LinkParameterPattern})*)""";

    /// <summary>The address of the next page; null after the last. One on another host is not fetched.</summary>
    /// <param name="page">The address of this page.</param>
    /// <param name="response">The answer.</param>
    /// <param name="envelope">The properties beside the list.</param>
    /// <param name="call">Is told where the list is not complete.</param>
    public static Uri? Find(Uri page, HttpResponseMessage response, IReadOnlyDictionary<string, object?> envelope, CallContext call)
    {
        if (InLink(response) is { } link && Uri.TryCreate(page, link, out var next))
        {
            if (ApiPath.IsSameOrigin(next, page))
                return next;
            call.TellIncomplete($"The list goes on at another host, {next.Host}, which was not asked; the list is not complete.");
            return null;
        }

        var fields = new JsonFields(envelope.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase));
        var hasMore = fields.Flag(ContractNames.HasMore);
        var cursor = fields.Text(ContractNames.NextCursor) ?? (hasMore == true ? fields.Text(ContractNames.Cursor) : null);
        if (hasMore == true && string.IsNullOrEmpty(cursor))
            call.TellIncomplete($"The service says that the list goes on, but not where; the list is not complete.");
        return hasMore == false || string.IsNullOrEmpty(cursor) ? null : WithCursor(page, cursor!);
    }

    private static Uri WithCursor(Uri page, string cursor)
    {
        var kept = page.Query.TrimStart('?').Split('&').Where(part => part.Length > 0 && !part.StartsWith(ContractNames.Cursor + "=", StringComparison.Ordinal));
        return new UriBuilder(page) { Query = string.Join("&", kept.Append($"{ContractNames.Cursor}={Uri.EscapeDataString(cursor)}")) }.Uri;
    }

    /// <summary>The target of <c>Link: &lt;…&gt;; rel="next"</c> (RFC 8288).</summary>
    private static string? InLink(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var values))
            return null;
        foreach (Match link in Regex.Matches(string.Join(",", values), LinkPattern))
        {
            foreach (Match parameter in Regex.Matches(link.Groups[2].Value, LinkParameterPattern))
            {
                var isRelation = string.Equals(parameter.Groups[1].Value, "rel", StringComparison.OrdinalIgnoreCase);
                if (isRelation && parameter.Groups[2].Value.Trim('"').Split(' ').Contains("next", StringComparer.OrdinalIgnoreCase))
                    return link.Groups[1].Value;
            }
        }

        return null;
    }
}
