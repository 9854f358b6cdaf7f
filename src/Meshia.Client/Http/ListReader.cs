using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// Reads a list of the API page by page, each item as it arrives and, usually, once (wire contract, Lists). A page that breaks off is
/// asked for again; an item that is not readable does not hide the others.
/// </summary>
internal sealed class ListReader(Transport transport)
{
    internal const int MostPages = 10_000;
    private const int ReadSize = 64 * 1024;

    /// <summary>Reads a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="options">The settings of the call.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="wantsMore">Asked after each page, whether the next is wanted; all are if it is null.</param>
    /// <param name="facts">Learns what is known of the list.</param>
    /// <param name="repeats">Whether an item that is on two pages comes twice: its state may differ.</param>
    public async IAsyncEnumerable<T> ReadAsync<T>(ApiList<T> list, CallOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken, Func<bool>? wantsMore = null, ListFacts? facts = null, bool repeats = false)
        where T : IServiceObject
    {
        var pages = new HashSet<string>(StringComparer.Ordinal);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var time = new ListTime(options, transport.Options);
        MeshiaException? odd = null;
        for (var page = ApiPath.Resolve(transport.Options.BaseUri, list.Path); page is not null;)
        {
            if (!pages.Add(page.AbsoluteUri) || pages.Count > MostPages)
                throw new MeshiaException(MeshiaFailure.InvalidAnswer, "endless_list", $"The pages of {list.Path} repeat without end.");
            if (pages.Count > 1 && options?.BeforeNextPage is { } wait)
                await wait().ConfigureAwait(false);
            var (before, items, place) = (ids.Count, 0, 0);
            for (var again = 0; ;)
            {
                if (time.IsOver)
                    throw time.TooLong(null);
                var call = new CallContext(new(HttpMethod.Get, page) { Streams = true }, options, transport.Options) { TotalTimeout = time.LeftForRequest };
                using var response = await SendAsync(call, time, cancellationToken).ConfigureAwait(false);
                if (pages.Count == 1)
                    facts?.Learn(response, transport.Options.TimeProvider.GetUtcNow());
                var reader = new JsonItemReader(list.Name) { KeepsSource = list.KeepsSource };
                MeshiaException? broken = null;
                var position = 0;
                await using (var incoming = ReadChunksAsync(response, reader, call, time, cancellationToken).GetAsyncEnumerator(cancellationToken))
                {
                    while (true)
                    {
                        try
                        {
                            if (!await incoming.MoveNextAsync().ConfigureAwait(false))
                                break;
                        }
                        catch (MeshiaException failure) when (failure.IsCutOff && again < call.MaxRetries)
                        {
                            broken = failure;
                            break;
                        }

                        foreach (var read in incoming.Current)
                        {
                            // A page that is asked for again has told of its odd ones before.
                            var isKnown = ++position <= place;
                            place = Math.Max(place, position);
                            var (item, failed) = Convert(response, read, list, position);
                            items++;
                            if (failed is null && (ids.Add(item!.Id) || repeats))
                            {
                                if (item.Doubt is { } doubt)
                                    transport.Service.TellOnce(doubt, call);
                                yield return item;
                            }
                            else if (failed is not null && !isKnown)
                            {
                                Miss($"{failed.Message:long}");
                                if (options?.ItemFailed is { } tell)
                                    tell(failed);
                                else
                                    odd ??= failed;
                            }
                        }
                    }
                }

                if (broken is not null)
                {
                    time.Spend(await PauseAsync(call, again++, broken, cancellationToken).ConfigureAwait(false));
                    continue;
                }

                if (ApiResponse.RefusalIn(response, reader.Envelope) is { } refusal)
                    throw refusal;
                if ((!reader.FoundList || (reader.IsNull && ErrorBody.Read(reader.Envelope).Message is not null)) && response.StatusCode is not (HttpStatusCode.NoContent or HttpStatusCode.ResetContent))
                    throw ApiResponse.Invalid(response, $"an object without a list", null, reader.Envelope);
                if (ErrorBody.WarningIn(reader.Envelope) is { } warning)
                    call.Tell(ClientMessageLevel.Warning, $"The service warns: {warning:long}");
                if (reader.OtherList is { } other)
                    Warn($"The service sent a second list ({other}), which was not read. The list is not complete.");
                page = options?.FirstPageOnly == true || wantsMore?.Invoke() == false
                    ? null
                    : NextPage.Find(page, response, reader.Envelope, new(ids.Count, items, items > 0 && ids.Count == before), Warn);
                break;

                void Warn(DisplayText reason)
                {
                    Miss(reason);
                    call.Tell(ClientMessageLevel.Warning, reason);
                }
            }
        }

        if (odd is not null)
            throw odd;

        void Miss(DisplayText reason)
        {
            options?.Completeness?.MarkIncomplete(reason);
            facts?.Miss();
        }
    }

    private static (T? Item, MeshiaException? Failure) Convert<T>(HttpResponseMessage response, object? item, ApiList<T> list, int position)
        where T : IServiceObject
    {
        try
        {
            return (list.Convert(item), null);
        }
        catch (FormatException failure)
        {
            return (default, ApiResponse.Invalid(response, $"{failure.Message} (item {position} of {list.Name})", failure));
        }
    }

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    private async Task<HttpResponseMessage> SendAsync(CallContext call, ListTime time, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (MeshiaException failure) when (failure.Failure == MeshiaFailure.TimedOut && call.TotalTimeout < time.Total)
        {
            // What was left for this page means nothing to a reader.
            throw time.TooLong(failure);
        }
        finally
        {
            time.Spend(call);
        }
    }

    /// <returns>How long it was.</returns>
    private async Task<TimeSpan> PauseAsync(CallContext call, int again, MeshiaException failure, CancellationToken cancellationToken)
    {
        var pause = Resilience.Jittered(TimeSpan.FromTicks(transport.Options.RetryDelay.Ticks << Math.Min(again, 6)));
        call.Tell(ClientMessageLevel.Notice, $"Retry {again + 1} of {call.MaxRetries} in {pause.TotalSeconds:0.0} s: {failure.Message:long}");
        await transport.Options.TimeProvider.WaitAsync(pause, cancellationToken).ConfigureAwait(false);
        return pause;
    }

    /// <summary>The items of each piece of the body, together: one by one would cost each of them an asynchronous step more.</summary>
    private async IAsyncEnumerable<List<object?>> ReadChunksAsync(HttpResponseMessage response, JsonItemReader reader, CallContext call, ListTime time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var body = new BodyReader(response, await response.Content.ReadAsStreamAsync().ConfigureAwait(false), transport.Options.RequestTimeout, transport.Options.TimeProvider, cancellationToken, time);
        var buffer = new byte[ReadSize];
        for (var (count, total) = (1, 0L); count > 0; total += count)
        {
            List<object?> items;
            try
            {
                count = await body.ReadAsync(buffer).ConfigureAwait(false);
                if (count == 0 && total == 0 && response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.ResetContent)
                    yield break;
                items = reader.Next(buffer.AsMemory(0, count), isLast: count == 0);
            }
            catch (JsonException)
            {
                // Its message repeats what the service sent, which may be the key: it goes no further.
                var failure = ApiResponse.Invalid(response, $"text that is not JSON, is cut off, is nested too deeply or has an endless item", null);
                failure.IsCutOff = count == 0 && total > 0;
                throw failure;
            }
            catch (BodyReader.BrokenException failure)
            {
                var broken = Transport.Unreachable(response.RequestMessage!.RequestUri!, failure, call);
                broken.IsCutOff = !failure.IsSilence;
                throw broken;
            }

            yield return items;
        }
    }
}
