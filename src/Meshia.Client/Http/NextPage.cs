using System.Net;
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

    private static readonly string[] _more = [ContractNames.HasMore, "has_next", "has_next_page", "more", "more_available", "is_truncated", "truncated", "remaining", "num_remaining", "remaining_count", "remaining_items"];
    private static readonly string[] _last = ["last", "is_last", "is_last_page", "is_complete"];
    private static readonly string[] _totals = ["total", "total_count", "total_items", "total_results", "total_records", "total_size", "total_elements", "total_hits", "total_entries", "total_rows", "total_objects", "num_found", "full_count", "count", "of"];
    private static readonly string[] _pageCounts = ["total_pages", "page_count", "last_page", "pages", "num_pages"];
    private static readonly string[] _pageNumbers = ["page", "current_page", "page_number"];
    private static readonly string[] _sizes = ["limit", "per_page", "page_size", "page_limit", "items_per_page", "max_results", "max_items"];

    /// <summary>Ends of names of headers, without hyphens.</summary>
    private static readonly string[] _headersOfTotals = ["total", "totalcount", "totalitems", "totalresults", "totalrecords", "totalelements"];
    private static readonly string[] _headersOfPages = ["totalpages", "pagecount", "lastpage"];

    /// <summary>Parts of names of headers, without hyphens.</summary>
    private static readonly string[] _headersOfMore = ["hasmore", "hasnext", "nextpage", "nextcursor", "nexttoken", "nextmarker", "nextlink", "nextoffset", "continuation", "truncated"];

    /// <summary>Parts of names that mean that there is more.</summary>
    private static readonly string[] _telling = ["next", "more", "truncat", "continuation", "incomplete", "partial"];

    /// <summary>Names of a place in the list. One that nothing explains may be where the list continues.</summary>
    private static readonly string[] _places = [ContractNames.Cursor, "after", "bookmark", "scroll_id", "last_evaluated_key", "last_key", "resume_token", "sync_token"];

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
        // Nothing remaining may be said of requests.
        var isOver = signs.Exists(sign => (Is(sign, _more) && !FieldName.AreSame(sign.Name, "remaining") && IsFalse(sign.Value)) || (Is(sign, _last) && IsTrue(sign.Value)));
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
    private static IEnumerable<PageSign> Signs(IReadOnlyDictionary<string, object?> envelope, string path = "", int level = 0)
    {
        foreach (var pair in envelope)
        {
            yield return new($"{path}{pair.Key}", pair.Key, pair.Value);
            if (level < 3 && pair.Value is Dictionary<string, object?> inner)
            {
                foreach (var sign in Signs(inner, $"{path}{pair.Key}.", level + 1))
                    yield return sign;
            }
        }
    }

    private static bool Is(PageSign sign, string[] names) => FieldName.IsOneOf(sign.Name, names);

    private static IEnumerable<(string Name, string Address)> Links(HttpResponseMessage response, List<PageSign> signs)
    {
        if (InHeader(response) is { } link)
            yield return ("Link", link);
        foreach (var sign in signs.Where(sign => Is(sign, _links)))
        {
            // As in {"_links":{"next":{"href":"…"}}}.
            var value = sign.Value is Dictionary<string, object?> map ? ContractNames.SignedUrls.Select(name => FieldName.Find(map, name) is { } found ? map[found] : null).FirstOrDefault(found => found is string) : sign.Value;
            if (value is string { Length: > 0 } text && (text[0] is '/' || text.Contains('?') || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
                yield return (sign.Path, text);
        }
    }

    private static (string Name, Uri Next)? Cursor(Uri page, List<PageSign> signs)
    {
        foreach (var (name, parameter) in _cursors)
        {
            if (signs.Find(sign => FieldName.AreSame(sign.Name, name) && IsCursor(sign.Value)) is { } sign)
                return (sign.Path, With(page, IsCamel(sign.Name) ? Camel(parameter) : parameter, sign.Value!));
        }

        if (signs.Exists(sign => Is(sign, _more) && IsTrue(sign.Value)) && signs.Find(sign => FieldName.AreSame(sign.Name, ContractNames.Cursor) && IsCursor(sign.Value)) is { } given)
            return (given.Path, With(page, ContractNames.Cursor, given.Value!));
        // A number is that of a page, a word a cursor.
        if (signs.Find(sign => Is(sign, _links) && IsCursor(sign.Value)) is { } next)
            return (next.Path, With(page, next.Value is long ? "page" : ContractNames.Cursor, next.Value!));
        if (Number(signs, _pageNumbers) is { } number && Number(signs, _pageCounts) is { } count && number.Value < count.Value)
            return (count.Path, With(page, "page", number.Value + 1));
        return null;
    }

    /// <summary>A sign of more that names no place; null if there is none.</summary>
    private static string? Sign(Uri page, HttpResponseMessage response, List<PageSign> signs, ListProgress progress)
    {
        foreach (var sign in signs)
        {
            if ((Is(sign, _more) && IsThere(sign.Value)) || (Is(sign, _last) && IsFalse(sign.Value)))
                return sign.Path;
            // A total that cannot be read is no proof that this is all.
            if (Is(sign, _totals) && sign.Value is not (null or Dictionary<string, object?>) && !(WholeOf(sign.Value) <= progress.Ids))
                return $"{sign.Path} {Text(sign.Value)}";
            if (Is(sign, _totals) && sign.Value is Dictionary<string, object?> total && FieldName.Find(total, ContractNames.Value) is { } name && WholeOf(total[name]) > progress.Ids)
                return $"{sign.Path}.{name} {Text(total[name])}";
            // The last page of several has the number of all of them.
            if (Is(sign, _pageCounts) && WholeOf(sign.Value) > (Number(signs, _pageNumbers)?.Value ?? (page.Query.Length == 0 ? 1 : long.MaxValue)))
                return $"{sign.Path} {Text(sign.Value)}";
            if (!Is(sign, _more) && Array.Exists(_telling, part => sign.Name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0) && IsThere(sign.Value))
                return sign.Path;
        }

        return InHeaders(page, response, progress)
            ?? signs.Find(sign => Array.Exists(_telling, part => sign.Name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0) && sign.Value is Dictionary<string, object?> map && map.Values.Any(IsThere))?.Path
            ?? (progress.Ids == 0 || progress.Ids != progress.OnPage || SaysWhereItEnds(signs) ? null : PlaceOrFullPage(signs, progress));
    }

    private static string? InHeaders(Uri page, HttpResponseMessage response, ListProgress progress)
    {
        if (response.Content.Headers.ContentRange is { HasLength: true } range)
            return range.Length > progress.Ids ? $"Content-Range {range}" : null;
        if (response.StatusCode == HttpStatusCode.PartialContent)
            return "status 206";
        foreach (var header in response.Headers)
        {
            var (name, value) = (header.Key.Replace("-", ""), header.Value.FirstOrDefault() ?? "");
            var isOfPages = Array.Exists(_headersOfPages, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));
            if ((isOfPages || Array.Exists(_headersOfTotals, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))) && WholeOf(value) is { } number && number > (isOfPages ? page.Query.Length == 0 ? 1 : long.MaxValue : progress.Ids))
                return $"{header.Key} {value}";
            if (header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase) && Array.Exists(_headersOfMore, part => name.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0) && IsThere(value))
                return header.Key;
        }

        return null;
    }

    /// <summary>Whether anything says how long the list is. Behind a page that named it, one that names no next is the last.</summary>
    private static bool SaysWhereItEnds(List<PageSign> signs) => signs.Exists(sign =>
        Is(sign, _more) || Is(sign, _last) || Is(sign, _totals) || Is(sign, _pageCounts) || Is(sign, _links) || Array.Exists(_cursors, cursor => FieldName.AreSame(sign.Name, cursor.Name)));

    /// <summary>A place in the list, or a page that has as many items as a page may have.</summary>
    private static string? PlaceOrFullPage(List<PageSign> signs, ListProgress progress) =>
        signs.Find(sign => Is(sign, _places) && (IsThere(sign.Value) || sign.Value is Dictionary<string, object?> { Count: > 0 }))?.Path
        ?? (Number(signs, _sizes) is { } size && size.Value > 0 && size.Value <= progress.OnPage ? $"{size.Path} {size.Value}" : null);

    private static string? Text(object? value) => JsonFields.ToText(value) ?? JsonValue.ToText(value);

    private static bool IsTrue(object? value) => value is true or 1L || (value is string text && (text == "1" || string.Equals(text, "true", StringComparison.OrdinalIgnoreCase)));

    private static bool IsFalse(object? value) => value is false or 0L || (value is string text && (text == "0" || string.Equals(text, "false", StringComparison.OrdinalIgnoreCase)));

    private static bool IsThere(object? value) => value is not (null or "") && !IsFalse(value) && value is not Dictionary<string, object?> && value is not object?[] { Length: 0 };

    private static bool IsCursor(object? value) => value is string { Length: > 0 } or long or decimal;

    private static (string Path, long Value)? Number(List<PageSign> signs, string[] names) =>
        signs.Find(sign => Is(sign, names) && WholeOf(sign.Value) is not null) is { } sign ? (sign.Path, WholeOf(sign.Value)!.Value) : null;

    /// <summary>A whole number, also as a text; one beyond those of 64 bits is as large as any.</summary>
    private static long? WholeOf(object? value) => JsonFields.ToInteger(value) ?? (JsonFields.ToNumber(value) >= long.MaxValue ? long.MaxValue : null);

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

    /// <summary>A property beside the list. Not a structure: .NET compiles lists of those anew in each process.</summary>
    /// <param name="Path">The names that lead to it, with dots.</param>
    /// <param name="Name">Its own name.</param>
    /// <param name="Value">Its value.</param>
    private sealed record PageSign(string Path, string Name, object? Value);
}
