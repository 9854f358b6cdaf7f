using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Meshia;

/// <summary>Reads a list of the API page by page, each item as it arrives (wire contract, Lists).</summary>
internal sealed class ListReader(Transport transport)
{
    internal const int MostPages = 10_000;
    private const int ReadSize = 16 * 1024;

    /// <summary>Reads a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="options">The settings of the call.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="wantsMore">Asked after each page, whether the next is wanted; all are where it is null.</param>
    /// <param name="facts">Learns what is known of the list.</param>
    public async IAsyncEnumerable<T> ReadAsync<T>(ApiList<T> list, CallOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken, Func<bool>? wantsMore = null, ListFacts? facts = null)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var page = ApiPath.Resolve(transport.Options.BaseUri, list.Path); page is not null;)
        {
            if (!seen.Add(page.AbsoluteUri) || seen.Count > MostPages)
                throw new MeshiaException(MeshiaFailure.InvalidAnswer, "endless_list", $"The service's pages of {list.Path} lead in a circle.");
            if (seen.Count > 1 && options?.BeforeNextPage is { } wait)
                await wait().ConfigureAwait(false);
            var call = new CallContext(new(HttpMethod.Get, page) { Streams = true }, options, transport.Options);
            using var response = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
            if (seen.Count == 1)
                facts?.Learn(response, transport.Options.TimeProvider.GetUtcNow());
            var reader = new JsonItemReader(list.Name, ContractNames.Data, ContractNames.Items);
            await foreach (var item in ReadItemsAsync(response, reader, call, cancellationToken).ConfigureAwait(false))
                yield return Convert(response, item, list.Convert);
            if (!reader.FoundList)
                throw ApiResponse.Invalid(response, $"an object without a list in it", null);
            page = options?.FirstPageOnly == true || wantsMore?.Invoke() == false ? null : NextPage.Find(page, response, reader.Envelope, call);
            if (call.IsListIncomplete)
                facts?.Miss();
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
            throw ApiResponse.Invalid(response, $"{failure.Message}", failure);
        }
    }

    private async IAsyncEnumerable<object?> ReadItemsAsync(HttpResponseMessage response, JsonItemReader reader, CallContext call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var body = new BodyReader(response, await response.Content.ReadAsStreamAsync().ConfigureAwait(false), transport.Options.RequestTimeout, transport.Options.TimeProvider, cancellationToken);
        var buffer = new byte[ReadSize];
        for (var count = 1; count > 0;)
        {
            List<object?> items;
            try
            {
                count = await body.ReadAsync(buffer).ConfigureAwait(false);
                items = reader.Next(buffer.AsMemory(0, count), isLast: count == 0);
            }
            catch (JsonException)
            {
                // Its message repeats what the service sent, which may be the key: it goes no further.
                throw ApiResponse.Invalid(response, $"something that is not JSON, is cut off or is nested too deeply", null);
            }
            catch (BodyReader.BrokenException failure)
            {
                throw Transport.Unreachable(response.RequestMessage!.RequestUri!, failure, call);
            }

            foreach (var item in items)
                yield return item;
        }
    }
}
