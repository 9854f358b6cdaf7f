using System.Globalization;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>What was read of a list so far.</summary>
/// <param name="Ids">How many different things.</param>
/// <param name="OnPage">How many items the last page had.</param>
/// <param name="BroughtNothing">Whether the last page had items, and none that was new.</param>
internal readonly record struct ListProgress(int Ids, int OnPage, bool BroughtNothing);

/// <summary>
/// Finds the next page of a list, by whichever of the assumed ways the service names it. Where the service says that there
/// is more, and not where, the list is short: that is told by the name of the sign, never passed over.
/// </summary>
internal static class NextPage
{
    private const string LinkParameterPattern = """;\s*([^\s=;,"]+)\s*=\s*("[^"]*"|[^\s";,]*)""";
    private const string LinkPattern = $"""<([^>]*)>((?:\s*{LinkParameterPattern})*)""";

    /// <summary>Names of a link, or of a cursor or number if the value is not a link.</summary>
    private static readonly string[] _links = ["next", "next_url", "next_uri", "next_link", "next_href", "next_page_url", "next_page_link", "next_page", "@odata.nextLink"];

    /// <summary>Names of a cursor, and the parameter of the query that takes it: one that is written alike, where it is not known better.</summary>
    private static readonly (string Name, string Parameter)[] _cursors =
    [
        (ContractNames.NextCursor, ContractNames.Cursor), ("next_page_cursor", ContractNames.Cursor), ("next_page_token", "page_token"), ("next_token", "next_token"),
        ("continuation_token", "continuation_token"), ("next_marker", "marker"), ("next_offset", "offset"), ("next_page_number", "page"), ("end_cursor", "after"),
    ];

    private static readonly string[] _more = [ContractNames.HasMore, "has_next", "has_next_page", "more", "more_available", "is_truncated", "truncated", "remaining"];
    private static readonly string[] _last = ["last", "is_last", "is_last_page", "is_complete"];
    private static readonly string[] _totals = ["total", "total_count", "total_items", "total_results", "total_records", "total_size", "total_elements", "total_hits", "total_entries", "count"];
    private static readonly string[] _pageCounts = ["total_pages", "page_count", "last_page", "pages", "num_pages"];
    private static readonly string[] _pageNumbers = ["page", "current_page", "page_number"];
    private static readonly string[] _totalHeaders = ["X-Total-Count", "X-Total", "X-Total-Results", "X-Pagination-Total-Count"];

    /// <summary>Parts of names that mean that there is more.</summary>
    private static readonly string[] _telling = ["next", "more", "truncated", "continuation"];

    /// <summary>The address of the next page; null after the last, or where it is not known.</summary>
    /// <param name="page">The address of this page.</param>
    /// <param name="response">The answer.</param>
    /// <param name="envelope">The properties beside the list.</param>
    /// <param name="progress">What was read so far.</param>
    /// <param name="warn">Is told why the list is not complete.</param>
    public static Uri? Find(Uri page, HttpResponseMessage response, IReadOnlyDictionary<string, object?> envelope, ListProgress progress, Action<DisplayText> warn)
    {
        if (response.Headers.Age is { } age && age > TimeSpan.Zero)
            warn($"The answer comes from a cache and is {age.TotalSeconds:0} s old (Age), so it may be out of date.");
        var signs = Signs(envelope).ToList();
        var isOver = signs.Exists(sign => Is(sign, _more) && sign.Value is false or "false") || signs.Exists(sign => Is(sign, _last) && sign.Value is true);
        foreach (var (name, address) in isOver ? [] : Links(response, signs))
        {
            if (!Uri.TryCreate(page, address, out var next))
                continue;
            if (!ApiPath.IsSameOrigin(next, page))
                warn($"The list continues on another host, {next.Host} ({name}), which was not read. The list is not complete.");
            else if (next.AbsolutePath.TrimEnd('/') != page.AbsolutePath.TrimEnd('/'))
                warn($"The list continues at another path, {next.AbsolutePath} ({name}), which was not read. The list is not complete.");
            else
                return Follow(name, next);
            return null;
        }

        if (!isOver && Cursor(page, signs) is { } cursor)
            return Follow(cursor.Name, cursor.Next);
        if (!isOver && Sign(page, response, signs, progress) is { } more)
            warn($"The service says that the list continues ({more}), but not where. The list is not complete: it has {progress.Ids} items.");
        return null;

        Uri? Follow(string name, Uri next)
        {
            if (!progress.BroughtNothing)
                return next;
            warn($"The service says that the list continues ({name}), but its last page had no new items. The list is not complete: it has {progress.Ids} items.");
            return null;
        }
    }

    /// <summary>The properties beside the list, and those of the objects among them, as <c>meta</c>, <c>links</c>, <c>pagination</c>.</summary>
    private static IEnumerable<(string Path, string Name, object? Value)> Signs(IReadOnlyDictionary<string, object?> envelope, string path = "", int level = 0)
    {
        foreach (var pair in envelope)
        {
            yield return ($"{path}{pair.Key}", pair.Key, pair.Value);
            if (level < 3 && pair.Value is Dictionary<string, object?> inner)
            {
                foreach (var sign in Signs(inner, $"{path}{pair.Key}.", level + 1))
                    yield return sign;
            }
        }
    }

    private static bool Is((string Path, string Name, object? Value) sign, string[] names) => FieldName.IsOneOf(sign.Name, names);

    private static IEnumerable<(string Name, string Address)> Links(HttpResponseMessage response, List<(string Path, string Name, object? Value)> signs)
    {
        if (InHeader(response) is { } link)
            yield return ("Link", link);
        foreach (var sign in signs.Where(sign => Is(sign, _links)))
        {
            // As in {"_links":{"next":{"href":"…"}}}.
            var value = sign.Value is Dictionary<string, object?> map ? ContractNames.SignedUrls.Select(name => FieldName.Find(map, name) is { } found ? map[found] : null).FirstOrDefault(found => found is string) : sign.Value;
            if (value is string { Length: > 0 } text && (text[0] is '/' or '?' || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
                yield return (sign.Path, text);
        }
    }

    private static (string Name, Uri Next)? Cursor(Uri page, List<(string Path, string Name, object? Value)> signs)
    {
        foreach (var (name, parameter) in _cursors)
        {
            if (signs.Find(sign => FieldName.AreSame(sign.Name, name) && IsCursor(sign.Value)) is { Name: not null } sign)
                return (sign.Path, With(page, IsCamel(sign.Name) ? Camel(parameter) : parameter, sign.Value!));
        }

        if (signs.Find(sign => Is(sign, _more) && sign.Value is true).Name is not null && signs.Find(sign => FieldName.AreSame(sign.Name, ContractNames.Cursor) && IsCursor(sign.Value)) is { Name: not null } given)
            return (given.Path, With(page, ContractNames.Cursor, given.Value!));
        // A number is that of a page, a word a cursor.
        if (signs.Find(sign => Is(sign, _links) && IsCursor(sign.Value)) is { Name: not null } next)
            return (next.Path, With(page, next.Value is long ? "page" : ContractNames.Cursor, next.Value!));
        if (Number(signs, _pageNumbers) is { } number && Number(signs, _pageCounts) is { } count && number.Value < count.Value)
            return (count.Path, With(page, "page", number.Value + 1));
        return null;
    }

    /// <summary>A sign of more that names no place; null if there is none.</summary>
    private static string? Sign(Uri page, HttpResponseMessage response, List<(string Path, string Name, object? Value)> signs, ListProgress progress)
    {
        foreach (var sign in signs)
        {
            if ((Is(sign, _more) && sign.Value is not (null or false or 0L or "" or "false")) || (Is(sign, _last) && sign.Value is false))
                return sign.Path;
            if (Is(sign, _totals) && WholeOf(sign.Value) > progress.Ids)
                return $"{sign.Path} {JsonFields.ToText(sign.Value)}";
            // The last page of several has the number of all of them.
            if (Is(sign, _pageCounts) && WholeOf(sign.Value) > (Number(signs, _pageNumbers)?.Value ?? (page.Query.Length == 0 ? 1 : long.MaxValue)))
                return $"{sign.Path} {JsonFields.ToText(sign.Value)}";
            if (!Is(sign, _more) && Array.Exists(_telling, part => sign.Name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0) && IsThere(sign.Value))
                return sign.Path;
        }

        foreach (var header in _totalHeaders)
        {
            if (response.Headers.TryGetValues(header, out var values) && long.TryParse(values.First(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var total) && total > progress.Ids)
                return FormattableString.Invariant($"{header} {total}");
        }

        if (response.Content.Headers.ContentRange is { HasLength: true } range && range.Length > progress.Ids)
            return $"Content-Range {range}";
        return response.Headers.TryGetValues("X-Next-Page", out var pages) && pages.First().Length > 0 ? "X-Next-Page" : null;
    }

    private static bool IsThere(object? value) => value is not (null or false or 0L or "" or "false" or "0") && value is not Dictionary<string, object?> && value is not object?[] { Length: 0 };

    private static bool IsCursor(object? value) => value is string { Length: > 0 } or long or decimal;

    private static (string Path, long Value)? Number(List<(string Path, string Name, object? Value)> signs, string[] names) =>
        signs.Where(sign => Is(sign, names) && WholeOf(sign.Value) is not null).Select(sign => ((string, long)?)(sign.Path, WholeOf(sign.Value)!.Value)).FirstOrDefault();

    private static long? WholeOf(object? value) => value switch
    {
        long number => number,
        string text when long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static bool IsCamel(string name) => name.IndexOf('_') < 0 && name.Any(char.IsUpper);

    private static string Camel(string name) => Regex.Replace(name, "_(.)", match => match.Groups[1].Value.ToUpperInvariant());

    private static Uri With(Uri page, string parameter, object value)
    {
        var kept = page.Query.TrimStart('?').Split('&').Where(part => part.Length > 0 && !part.StartsWith(parameter + "=", StringComparison.Ordinal));
        return new UriBuilder(page) { Query = string.Join("&", kept.Append($"{parameter}={Uri.EscapeDataString(JsonFields.ToText(value)!)}")) }.Uri;
    }

    /// <summary>The target of <c>Link: &lt;…&gt;; rel="next"</c> (RFC 8288).</summary>
    internal static string? InHeader(HttpResponseMessage response)
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
