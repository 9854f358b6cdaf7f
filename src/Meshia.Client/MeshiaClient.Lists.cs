using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Meshia;

public sealed partial class MeshiaClient
{
    private const string LinkParameterPattern = """;\s*([^\s=;,"]+)\s*=\s*("[^"]*"|[^\s";,]*)""";
    private const string LinkPattern = $"""<([^>]*)>((?:\s*{LinkParameterPattern})*)""";

    /// <summary>Reads a list, page by page, each item as it arrives (wire contract, Lists).</summary>
    /// <param name="path">The list's path.</param>
    /// <param name="name">The property that the list is assumed to be under; a bare list, <c>data</c> and <c>items</c> are read too.</param>
    /// <param name="convert">Makes an object of an item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="wantsMore">Asked after each page, whether the next is wanted; all are where it is null.</param>
    private async IAsyncEnumerable<T> ListAsync<T>(string path, string name, Func<object?, T> convert, [EnumeratorCancellation] CancellationToken cancellationToken, Func<bool>? wantsMore = null)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var page = Resolve(path); page is not null;)
        {
            if (!seen.Add(page.AbsoluteUri) || seen.Count > MostPages)
                throw new MeshiaException(MeshiaFailure.InvalidAnswer, "endless_list", $"The service's pages of {path} lead in a circle.");
            if (seen.Count > 1 && _beforeNextPage is not null)
                await _beforeNextPage().ConfigureAwait(false);
            var call = new CallContext(IsRepeatable: true, Streams: true, _options.TimeProvider.GetTimestamp(), _observer);
            using var response = await FollowAsync(Api, HttpMethod.Get, page, null, call, cancellationToken).ConfigureAwait(false);
            var reader = new JsonItemReader(name, ContractNames.Data, ContractNames.Items);
            await foreach (var item in ReadItemsAsync(response, reader, call, cancellationToken).ConfigureAwait(false))
                yield return Convert(response, item, convert);
            if (!reader.FoundList)
                throw ApiResponse.Invalid(response, "an object without a list in it", null);
            page = _options.FirstPageOnly || wantsMore?.Invoke() == false ? null : NextPage(page, response, reader.Envelope, call);
        }
    }

    private static T Convert<T>(HttpResponseMessage response, object? item, Func<object?, T> convert)
    {
        try
        {
            return convert(item);
        }
        catch (FormatException failure)
        {
            throw ApiResponse.Invalid(response, failure.Message, failure);
        }
    }

    private async IAsyncEnumerable<object?> ReadItemsAsync(HttpResponseMessage response, JsonItemReader reader, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        var buffer = new byte[ReadSize];
        for (var count = 1; count > 0;)
        {
            List<object?> items;
            try
            {
                count = await ReadAsync(response, body, buffer, cancellationToken).ConfigureAwait(false);
                items = reader.Next(buffer.AsMemory(0, count), isLast: count == 0);
            }
            catch (JsonException)
            {
                // Its message repeats what the service sent, which may be the key: it goes no further.
                throw ApiResponse.Invalid(response, "something that is not JSON, is cut off or is nested too deeply", null);
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException)
            {
                throw Unreachable(response.RequestMessage!.RequestUri!, failure, call);
            }

            foreach (var item in items)
                yield return item;
        }
    }

    /// <summary>Reads on in a body; a body that stalls for the request's time-out is given up.</summary>
    private async Task<int> ReadAsync(HttpResponseMessage response, Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        using var stall = _options.TimeProvider.CancelAfter(_options.RequestTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, cancellationToken);
        // Disposing is what ends a read that stalls: on .NET Framework it does not listen to the token.
        using var registration = either.Token.Register(response.Dispose);
        try
        {
#if NET
            return await body.ReadAsync(buffer, either.Token).ConfigureAwait(false);
#else
            return await body.ReadAsync(buffer, 0, buffer.Length, either.Token).ConfigureAwait(false);
#endif
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when (stall.IsCancellationRequested)
        {
            throw new IOException($"nothing arrived for {_options.RequestTimeout.TotalSeconds:0.#} s.");
        }
    }

    /// <summary>
    /// The next page, by whichever of the three assumed ways the service names it; null after the last. One on another
    /// host is not fetched.
    /// </summary>
    private static Uri? NextPage(Uri page, HttpResponseMessage response, IReadOnlyDictionary<string, object?> envelope, CallContext call)
    {
        if (NextLink(response) is { } link && Uri.TryCreate(page, link, out var next))
        {
            if (AuthenticationHandler.SameOrigin(next, page))
                return next;
            call.Tell(ClientMessageLevel.Warning, $"The list goes on at another host, {next.Host}, which was not asked; the list is not complete.");
            return null;
        }

        var fields = new JsonFields(envelope.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase));
        var hasMore = fields.Flag(ContractNames.HasMore);
        var cursor = fields.Text(ContractNames.NextCursor) ?? (hasMore == true ? fields.Text(ContractNames.Cursor) : null);
        if (hasMore == true && string.IsNullOrEmpty(cursor))
            call.Tell(ClientMessageLevel.Warning, "The service says that the list goes on, but not where; the list is not complete.");
        return hasMore == false || string.IsNullOrEmpty(cursor) ? null : WithCursor(page, cursor!);
    }

    private static Uri WithCursor(Uri page, string cursor)
    {
        var kept = page.Query.TrimStart('?').Split('&').Where(part => part.Length > 0 && !part.StartsWith(ContractNames.Cursor + "=", StringComparison.Ordinal));
        return new UriBuilder(page) { Query = string.Join("&", kept.Append($"{ContractNames.Cursor}={Uri.EscapeDataString(cursor)}")) }.Uri;
    }

    /// <summary>The target of <c>Link: &lt;…&gt;; rel="next"</c> (RFC 8288).</summary>
    private static string? NextLink(HttpResponseMessage response)
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
