using System.Text;
using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>The forms of pages, addresses and errors, and what HTTP itself may do. docs/wire-contract.md names those that are accepted, in the same words.</summary>
internal static class MatrixHttpForms
{
    /// <summary>Where the next page of a list is.</summary>
    public static IReadOnlyList<MatrixForm> OfPages { get; } =
    [
        Page("Link", "?page=2", "", ("Link", "<?page=2>; rel=\"next\"")),
        .. new[] { "next", "next_url", "next_page_url", "next_link" }.Select(name => Page(name, "?page=2", $"\"{name}\":\"?page=2\"")),
        Page("{\"links\":{\"next\":…}}", "?page=2", "\"links\":{\"next\":\"?page=2\"}"),
        Page("{\"_links\":{\"next\":{\"href\":…}}}", "?page=2", "\"_links\":{\"next\":{\"href\":\"?page=2\"}}"),
        Page("next_cursor", "?cursor=abc", "\"next_cursor\":\"abc\""),
        Page("nextCursor", "?cursor=abc", "\"nextCursor\":\"abc\",\"hasMore\":true"),
        Page("meta", "?cursor=abc", "\"meta\":{\"next_cursor\":\"abc\"}"),
        Page("pagination", "?cursor=abc", "\"pagination\":{\"next\":\"abc\"}"),
        Page("next_page_token", "?page_token=abc", "\"next_page_token\":\"abc\""),
        Page("next_token", "?next_token=abc", "\"next_token\":\"abc\""),
        Page("continuation_token", "?continuation_token=abc", "\"continuation_token\":\"abc\""),
        Page("next_marker", "?marker=abc", "\"next_marker\":\"abc\""),
        Page("next_offset", "?offset=1", "\"next_offset\":1"),
        Page("next_page", "?page=2", "\"next_page\":2"),
        Page("end_cursor", "?after=abc", "\"page_info\":{\"has_next_page\":true,\"end_cursor\":\"abc\"}"),
        Page("has_more", "?cursor=abc", "\"has_more\":true,\"cursor\":\"abc\""),
        Page("total_pages", "?page=2", "\"page\":1,\"total_pages\":2"),
        Page("last_page", "?page=2", "\"meta\":{\"current_page\":1,\"last_page\":2}"),
        .. new[]
        {
            ("total", "\"total\":50"), ("total_count", "\"totalCount\":\"50\""), ("count", "\"meta\":{\"count\":50}"), ("{\"total\":{\"value\":…}}", "\"total\":{\"value\":50}"), ("has_more", "\"has_more\":true"), ("has_next", "\"hasNext\":true"),
            ("truncated", "\"truncated\":true"), ("last", "\"last\":false"), ("incomplete", "\"incomplete_results\":true"), ("partial", "\"partial\":true"), ("limit", "\"limit\":2"), ("per_page", "\"meta\":{\"per_page\":2}"), ("page_size", "\"page_size\":2"), ("cursor", "\"cursor\":\"abc\""), ("after", "\"after\":\"abc\""), ("bookmark", "\"bookmark\":\"abc\""), ("scroll_id", "\"scroll_id\":\"abc\""), ("last_evaluated_key", "\"LastEvaluatedKey\":{\"id\":\"z\"}"), ("total_rows", "\"total_rows\":50"), ("remaining", "\"remaining\":5"),
            ("total_pages", "\"page_info\":{\"total_pages\":2}"), ("next", "\"the_next_key\":\"z\""), ("more", "\"more_of_it\":true"), ("continuation", "\"continuationKey\":\"z\""),
        }.Select(sign => Short(sign.Item1, sign.Item2, sign.Item2.Split('"')[1] is "meta" or "page_info" ? sign.Item2.Split('"')[3] : sign.Item2.Split('"')[1])),
        Short("a link to another place", "\"next\":\"https://elsewhere.example/x\"", "elsewhere.example"),
        Short("a page without new items", "\"next_cursor\":\"same\"", "no new items"),
        Short("a second list", "\"items\":[{\"id\":\"other\"}]", "items"),
        .. new[] { ("X-Total-Count", "50"), ("X-Total", "50"), ("Content-Range", "items 0-1/50"), ("X-Next-Page", "2"), ("X-Has-More", "true") }.Select(header => Short(header.Item1, "", header.Item1, header)),
        new("list-short", "206", MatrixOutcome.Said) { Send = (answer, _, context) => SendAsync(answer.Kind == MatrixKind.List, context, 206, answer.Json), Word = "206" },
        new("freshness", "Age", MatrixOutcome.Said) { Send = (answer, _, context) => SendAsync(answer.Kind == MatrixKind.List, context, 200, answer.Json, ("Age", "90")), Word = "90 s old" },
    ];

    /// <summary>Where the address of a file is.</summary>
    public static IReadOnlyList<MatrixForm> OfAddresses { get; } =
    [
        .. new[] { "url", "download_url", "signed_url", "presigned_url", "href", "link", "location" }.Select(name => Address(name, url => $$"""{"{{name}}":"{{url}}","expires_at":"2099-01-01T00:00:00Z"}""")),
        Address("{\"link\":{\"href\":…}}", url => $$"""{"link":{"href":"{{url}}"} }"""),
        Address("{\"result\":{\"url\":…}}", url => $$"""{"result":{"url":"{{url}}"} }"""),
        Address("/files/…", url => $$"""{"url":"{{new Uri(url).PathAndQuery}}"}"""),
        Address("\"https://…\"", url => $"\"{url}\""),
        Address("text/plain", url => url, "text/plain"),
        .. new[] { 301, 302, 303, 307, 308 }.Select(status => new MatrixForm("signed-url-forms", $"{status}", MatrixOutcome.Same)
        {
            Send = (answer, _, context) => SendAsync(answer.Kind == MatrixKind.Address, context, status, "", ("Location", answer.Items.Count > 0 ? (string)answer.Items[0]["url"]! : "")),
        }),
        new("signed-url-forms", "no address", MatrixOutcome.Said) { Body = answer => answer.Kind == MatrixKind.Address ? "{\"url\":null}" : null, Word = "no https address" },
        new("signed-url-forms", "an address without https", MatrixOutcome.Said) { Body = answer => answer.Kind == MatrixKind.Address ? "{\"url\":\"http://elsewhere.example/x\"}" : null, Word = "no https address" },
    ];

    /// <summary>What may be done to any answer on its way.</summary>
    public static IReadOnlyList<MatrixForm> OfHttp { get; } =
    [
        .. new[] { "gzip", "x-gzip", "br", "deflate", "deflate without a header", "identity", "gzip, br" }.Select(name => Encoded(name, body => Compressed.With(body, name), name.Split(" without")[0])),
        .. new[] { "utf-16", "utf-16BE", "utf-32", "iso-8859-1", "windows-1252" }.Select(name => Encoded(name, body => CodePages(name).GetBytes(Encoding.UTF8.GetString(body)), null, $"application/json; charset={name}")),
        Encoded("UTF-8 with a byte order mark", body => [.. Encoding.UTF8.GetPreamble(), .. body], null),
        Encoded("UTF-16 with a byte order mark", body => [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body))], null),
        Encoded("UTF-32 with a byte order mark", body => [.. Encoding.UTF32.GetPreamble(), .. Encoding.UTF32.GetBytes(Encoding.UTF8.GetString(body))], null),
        Encoded("a charset that nobody knows", body => body, null, "application/json; charset=no-such-name"),
        Encoded("a type that nobody knows", body => body, null, "application/vnd.meshia+json"),
        Encoded("no type", body => body, null, null),
        new("content-encoding", "zstd", MatrixOutcome.Said) { IsOfHttp = true, Send = (answer, _, context) => SendAsync(answer.Kind != MatrixKind.Empty, context, 200, answer.Json, ("Content-Encoding", "zstd")), Word = "zstd" },
        .. new[] { 301, 302, 303, 307, 308 }.Select(status => new MatrixForm("redirects", $"{status}", MatrixOutcome.Same)
        {
            IsOfHttp = true,
            Send = (answer, request, context) => SendAsync(answer.IsRead && answer.Kind != MatrixKind.Address && !request.Query.Contains("moved", StringComparison.Ordinal), context, status, "", ("Location", $"{request.Path}{request.Query}{(request.Query.Length == 0 ? '?' : '&')}moved=1")),
        }),
        new("redirects", "a redirect to another host", MatrixOutcome.Said) { IsOfHttp = true, Send = (answer, _, context) => SendAsync(answer.Kind != MatrixKind.Address, context, 302, "", ("Location", "https://elsewhere.example/")), Word = "elsewhere.example" },
        new("redirects", "a redirect without a target", MatrixOutcome.Said) { IsOfHttp = true, Send = (_, _, context) => SendAsync(true, context, 302, ""), Word = "status 302" },
        new("redirects", "304", MatrixOutcome.Said) { IsOfHttp = true, Send = (_, _, context) => SendAsync(true, context, 304, ""), Word = "status 304" },
        .. new[] { 408, 421, 425, 429, 500, 502, 503, 504, 520 }.Select(status => new MatrixForm("error-others", $"{status}", MatrixOutcome.Same)
        {
            IsOfHttp = true,
            Send = (answer, request, context) => SendAsync((answer.IsRead || status == 429) && context.Connection.Id is not null && MatrixRun.IsFirst(request), context, status, ""),
        }),
    ];

    /// <summary>Refusals, with the service's own words.</summary>
    public static IReadOnlyList<MatrixForm> OfErrors { get; } =
    [
        .. new (string Form, string Body)[]
        {
            ("{\"error\":{\"code\",\"message\"}}", """{"error":{"code":"so","message":"It is so."}}"""), ("{\"error\":\"…\"}", """{"error":"It is so."}"""), ("{\"errors\":[{\"message\"}]}", """{"errors":[{"message":"It is so."}]}"""), ("{\"errors\":[\"…\"]}", """{"errors":["It is so."]}"""),
            ("{\"errors\":{\"name\":[\"…\"]}}", """{"errors":{"name":["It is so."]}}"""), ("message", """{"message":"It is so."}"""), ("detail", """{"detail":"It is so."}"""), ("{\"detail\":[{\"loc\",\"msg\"}]}", """{"detail":[{"loc":["body","name"],"msg":"It is so."}]}"""),
            ("application/problem+json", """{"type":"https://h/p","title":"Bad","status":400,"detail":"It is so."}"""), ("error_description", """{"error":"invalid_grant","error_description":"It is so."}"""), ("plain text", "It is so."), ("[{…}]", """[{"message":"It is so."}]"""),
        }.SelectMany(error => new[] { 400, 403, 422 }.Select(status => new MatrixForm("error-forms", error.Form, MatrixOutcome.Said)
        {
            IsOfHttp = true,
            Send = (_, _, context) => SendAsync(true, context, status, error.Body),
            Word = "It is so.",
        })),
        .. new (string Form, string Body)[]
        {
            ("success: false", """{"success":false,"error":{"code":"so","message":"It is so."}}"""), ("ok: false", """{"ok":false,"message":"It is so."}"""), ("status: \"error\"", """{"status":"error","message":"It is so."}"""),
            ("isSuccess: false", """{"isSuccess":false,"message":"It is so."}"""), ("status: \"failed\"", """{"status":"failed","message":"It is so."}"""), ("result: \"error\"", """{"result":"error","message":"It is so."}"""), ("statusCode: 404", """{"statusCode":404,"message":"It is so."}"""),
            ("error", """{"error":"It is so."}"""), ("errors", """{"data":null,"errors":[{"message":"It is so."}]}"""),
        }.SelectMany(error => new[] { 200, 201, 202 }.Select(status => new MatrixForm("error-in-success", error.Form, MatrixOutcome.Said)
        {
            IsOfHttp = true,
            Send = (_, _, context) => SendAsync(true, context, status, error.Body),
            Word = "It is so.",
        })),
        new("error-others", "a page (HTML)", MatrixOutcome.Said) { Send = (_, _, context) => SendAsync(true, context, 200, "<!DOCTYPE html><html><title>Sign in</title></html>", ("Content-Type", "text/html")), Word = "status 200" },
        new("error-others", "empty", MatrixOutcome.Said) { Body = answer => answer is { Kind: MatrixKind.Object or MatrixKind.List or MatrixKind.Comparison } ? "" : null, Word = "status 200" },
        new("retry-after-forms", "Retry-After: 3600", MatrixOutcome.Said) { IsOfHttp = true, Send = (_, _, context) => SendAsync(true, context, 429, "", ("Retry-After", "3600")), Word = "1 hour" },
    ];

    private static MatrixForm Page(string name, string query, string sign, params (string Name, string Value)[] headers) => new("list-paging", name, MatrixOutcome.Same)
    {
        Send = (answer, request, context) =>
        {
            if (answer.Kind != MatrixKind.List)
                return Task.FromResult(false);
            var isSecond = $"&{request.Query.TrimStart('?')}".EndsWith($"&{query[1..]}", StringComparison.Ordinal);
            return SendAsync(true, context, 200, isSecond ? $"[{MatrixAnswer.Join(answer.Items.Skip(1))}]" : $$"""{"{{answer.Name}}":[{{answer.Items[0].ToJsonString()}}]{{(sign.Length > 0 ? "," : "")}}{{sign}} }""", isSecond ? [] : headers);
        },
    };

    private static MatrixForm Short(string name, string sign, string word, params (string Name, string Value)[] headers) => new("list-short", name, MatrixOutcome.Said)
    {
        Send = (answer, _, context) => SendAsync(answer.Kind == MatrixKind.List, context, 200, $$"""{"{{answer.Name}}":[{{MatrixAnswer.Join(answer.Items)}}]{{(sign.Length > 0 ? "," : "")}}{{sign}} }""", headers),
        Word = word,
    };

    private static MatrixForm Address(string name, Func<string, string> body, string type = "application/json") => new("signed-url-forms", name, MatrixOutcome.Same)
    {
        Send = (answer, _, context) => SendAsync(answer.Kind == MatrixKind.Address, context, 200, answer.Kind == MatrixKind.Address ? body((string)answer.Items[0]["url"]!) : "", ("Content-Type", type)),
    };

    private static MatrixForm Encoded(string name, Func<byte[], byte[]> encode, string? encoding, string? type = "application/json") => new("content-encoding", name, MatrixOutcome.Same)
    {
        IsOfHttp = true,
        Send = async (answer, _, context) =>
        {
            if (answer.Kind == MatrixKind.Empty)
                return false;
            if (encoding is not null)
                context.Response.Headers.ContentEncoding = encoding;
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(encode(Encoding.UTF8.GetBytes(answer.Json)));
            return true;
        },
    };

    private static async Task<bool> SendAsync(bool isOfAnswer, HttpContext context, int status, string body, params (string Name, string Value)[] headers)
    {
        if (!isOfAnswer)
            return false;
        context.Response.StatusCode = status;
        context.Response.ContentType = body.Length > 0 ? "application/json" : null;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        if (body.Length > 0)
            await context.Response.WriteAsync(body);
        return true;
    }

    private static Encoding CodePages(string name) => CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
}
