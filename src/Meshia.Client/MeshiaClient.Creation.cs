using System.Collections.Concurrent;

namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>How much earlier than its request a thing may say that it was created: services cut fractions of seconds off.</summary>
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromSeconds(2);

    /// <summary>How long a request whose answer was lost may still be at work in the service before it is looked for again.</summary>
    private static readonly TimeSpan _secondLook = TimeSpan.FromSeconds(2);

    /// <summary>What this process has created, which is never taken for the outcome of a later call.</summary>
    private static readonly ConcurrentDictionary<string, bool> _created = new(StringComparer.Ordinal);

    /// <summary>How many calls are creating the same just now, by its description.</summary>
    private static readonly ConcurrentDictionary<string, int> _beingCreated = new(StringComparer.Ordinal);

    private enum Likeness
    {
        None,
        Possible,
        Certain,
    }

    /// <summary>
    /// Creates something exactly once. The service documents no idempotency key, so a request whose outcome is unknown
    /// is not repeated: the thing is looked for in its list instead.
    /// </summary>
    private async Task<T> CreateAsync<T>(
        string path,
        Dictionary<string, object?> body,
        Func<object?, T> convert,
        IAsyncEnumerable<T> list,
        Func<T, bool> isLike,
        Func<T, (string Id, DateTimeOffset? CreatedAt)> identify,
        string what,
        string? secret,
        CancellationToken cancellationToken)
    {
        var began = _options.TimeProvider.GetUtcNow();
        var call = new CallContext(IsRepeatable: false, Streams: false, _options.TimeProvider.GetTimestamp(), _observer);
        if (!string.IsNullOrEmpty(secret))
            _service.SentSecrets[secret!] = true;
        var like = $"{BaseUri} {what}";
        _beingCreated.AddOrUpdate(like, 1, static (_, others) => others + 1);
        try
        {
            return Remember(await CreateOrFindAsync().ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (call.IsOnItsWay)
        {
            _observer?.Invoke(new(ClientMessageLevel.Warning, $"Creating {what} was cancelled on its way: it may have been created. List what exists; it may cost money."));
            throw;
        }
        finally
        {
            if (_beingCreated.AddOrUpdate(like, 0, static (_, others) => others - 1) == 0)
                ((ICollection<KeyValuePair<string, int>>)_beingCreated).Remove(new(like, 0));
        }

        async Task<T> CreateOrFindAsync()
        {
            try
            {
                using var response = await FollowAsync(Api, HttpMethod.Post, Resolve(path), JsonValue.ToBytes(body), call, cancellationToken).ConfigureAwait(false);
                return await ApiResponse.ReadAsync(response, convert).ConfigureAwait(false);
            }
            catch (MeshiaException failure) when (MayHaveBeenDone(failure, call))
            {
                call.IsOnItsWay = true;
                var found = await LookForAsync(list, thing => isLike(thing) ? Judge(identify(thing), began, like) : Likeness.None, thing => identify(thing).Id, what, failure, cancellationToken).ConfigureAwait(false);
                _observer?.Invoke(new(ClientMessageLevel.Warning, $"The answer to creating {what} was lost ({failure.Message}), but it was created: {identify(found).Id}. It was not created a second time."));
                return found;
            }
        }

        T Remember(T thing)
        {
            _created[CreatedKey(identify(thing).Id)] = true;
            return thing;
        }
    }

    /// <summary>An id is one of a service: two sandboxes may give the same.</summary>
    private string CreatedKey(string id) => $"{BaseUri} {id}";

    private static bool MayHaveBeenDone(MeshiaException failure, CallContext call) => failure.Failure switch
    {
        MeshiaFailure.Refused => (int)failure.StatusCode!.Value is 408 or >= 500,
        MeshiaFailure.Unreachable => !Resilience.WasNeverSent(failure.InnerException!),
        // While it waited for its turn, or to try again after a 429, nothing was on its way.
        MeshiaFailure.TimedOut => call.IsOnItsWay,
        // A redirect is a refusal, though not in the service's own form; unless it leads to what was created.
        MeshiaFailure.InvalidAnswer => failure.Code != RedirectCode || (int)failure.StatusCode!.Value is 301 or 302 or 303,
        _ => false,
    };

    /// <summary>Whether something in the list, like what was to be created, is it.</summary>
    /// <param name="thing">Something in the list.</param>
    /// <param name="began">When the request to create it was made, by this machine's clock.</param>
    /// <param name="like">What was to be created.</param>
    private Likeness Judge((string Id, DateTimeOffset? CreatedAt) thing, DateTimeOffset began, string like)
    {
        if (_created.ContainsKey(CreatedKey(thing.Id)) || thing.CreatedAt < began + _service.ClockAhead - _clockTolerance)
            return Likeness.None;
        // One that does not say when it was created may be older; and another call may be creating its like just now.
        return thing.CreatedAt is null || _beingCreated[like] > 1 ? Likeness.Possible : Likeness.Certain;
    }

    private async Task<T> LookForAsync<T>(IAsyncEnumerable<T> list, Func<T, Likeness> judge, Func<T, string> idOf, string what, MeshiaException cause, CancellationToken cancellationToken)
    {
        var found = new List<(T Thing, Likeness Likeness)>();
        try
        {
            for (var look = 0; look < 2 && found.Count == 0; look++)
            {
                if (look > 0)
                    await _options.TimeProvider.WaitAsync(_secondLook, cancellationToken).ConfigureAwait(false);
                await foreach (var thing in list.ConfigureAwait(false))
                {
                    // One may be shown on two pages, where another came in between.
                    if (judge(thing) is var likeness and not Likeness.None && !found.Exists(item => idOf(item.Thing) == idOf(thing)))
                        found.Add((thing, likeness));
                }
            }
        }
        catch (MeshiaException failure)
        {
            throw Unknown($"and the list could not be read either: {failure.Message}", failure);
        }

        if (found.Count == 1 && found[0].Likeness == Likeness.Certain)
            return found[0].Thing;
        throw Unknown(found.Count == 0 ? "and the list does not show it (yet)." : $"and the list shows what it could be: {string.Join(", ", found.Select(item => idOf(item.Thing)))}.", cause);

        MeshiaException Unknown(string finding, Exception inner) => new(
            MeshiaFailure.OutcomeUnknown,
            "outcome_unknown",
            $"Whether {what} was created is unknown: {cause.Message} It was not sent again, {finding}",
            inner)
        {
            StatusCode = cause.StatusCode,
            RequestId = cause.RequestId,
            Attempts = cause.Attempts,
            RecommendedAction = "List what exists before you try again: a second one would cost money too.",
        };
    }
}
