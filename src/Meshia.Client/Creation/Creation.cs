using System.Collections.Concurrent;

namespace Meshia;

/// <summary>
/// Creates something exactly once. The service documents no idempotency key, so a request whose outcome is unknown is not
/// repeated: the thing is looked for in its list instead.
/// </summary>
/// <typeparam name="T">What is created.</typeparam>
/// <param name="transport">The way to the service.</param>
/// <param name="options">The settings of the call.</param>
internal abstract class Creation<T>(Transport transport, CallOptions? options)
{
    /// <summary>How much earlier than its request a thing may say that it was created: services cut fractions of seconds off.</summary>
    internal static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    /// <summary>How long a request whose answer was lost may still be at work in the service before it is looked for again.</summary>
    private static readonly TimeSpan _secondLook = TimeSpan.FromSeconds(2);

    /// <summary>What this process has created, which is never taken for the outcome of a later call.</summary>
    private static readonly ConcurrentDictionary<string, bool> _created = new(StringComparer.Ordinal);

    /// <summary>How many calls are creating the same at this moment, by its description.</summary>
    private static readonly ConcurrentDictionary<string, int> _beingCreated = new(StringComparer.Ordinal);

    private DateTimeOffset _began;

    private enum Likeness
    {
        None,
        Possible,
        Certain,
    }

    /// <summary>The list that shows what exists.</summary>
    protected abstract ApiList<T> List { get; }

    /// <summary>What is sent.</summary>
    protected abstract Dictionary<string, object?> Body { get; }

    /// <summary>What is created, for a sentence.</summary>
    protected abstract DisplayText Description { get; }

    private string Like => $"{transport.Options.BaseUri} {Description}";

    /// <summary>Creates it.</summary>
    /// <exception cref="MeshiaException">It was refused, or nobody can tell whether it was created.</exception>
    public async Task<T> RunAsync(CancellationToken cancellationToken)
    {
        _began = transport.Options.TimeProvider.GetUtcNow();
        var call = new CallContext(transport.Request(HttpMethod.Post, List.Path) with { Body = JsonValue.ToBytes(Body), IsRepeatable = false }, options, transport.Options);
        _beingCreated.AddOrUpdate(Like, 1, static (_, others) => others + 1);
        try
        {
            var thing = await CreateOrFindAsync(call, cancellationToken).ConfigureAwait(false);
            _created[CreatedKey(IdOf(thing))] = true;
            return thing;
        }
        catch (OperationCanceledException) when (call.IsOnItsWay)
        {
            call.Tell(ClientMessageLevel.Warning, $"Creating {Description} was cancelled on its way: it may have been created. List what exists; it may cost money.");
            throw;
        }
        finally
        {
            if (_beingCreated.AddOrUpdate(Like, 0, static (_, others) => others - 1) == 0)
                ((ICollection<KeyValuePair<string, int>>)_beingCreated).Remove(new(Like, 0));
        }
    }

    /// <summary>Whether what the list shows may be taken for what was created, where nothing speaks against it.</summary>
    protected virtual bool TakesFromList => true;

    /// <summary>What the user can do where the outcome is unknown.</summary>
    protected virtual DisplayText AdviceIfUnknown => $"List what exists before you try again: a second one would cost money too.";

    /// <summary>Whether something in the list has all that was asked for.</summary>
    protected abstract bool IsLike(T thing);

    protected abstract string IdOf(T thing);

    protected abstract DateTimeOffset? CreatedAtOf(T thing);

    private async Task<T> CreateOrFindAsync(CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
            return await ApiResponse.ReadAsync(response, List.Convert).ConfigureAwait(false);
        }
        catch (MeshiaException failure) when (MayHaveBeenDone(failure, call))
        {
            call.IsOnItsWay = true;
            var found = await LookForAsync(failure, cancellationToken).ConfigureAwait(false);
            call.Tell(ClientMessageLevel.Warning, $"The answer to creating {Description} was lost ({failure.Message:long}), but it was created: {IdOf(found)}. It was not created a second time.");
            return found;
        }
    }

    /// <summary>An id is one of a service: two sandboxes may give the same.</summary>
    private string CreatedKey(string id) => $"{transport.Options.BaseUri} {id}";

    /// <summary>Whether a creation that failed may have created something all the same.</summary>
    internal static bool MayHaveBeenDone(MeshiaException failure, CallContext call) => failure.Failure switch
    {
        MeshiaFailure.Refused => (int)failure.StatusCode!.Value is 408 or >= 500,
        MeshiaFailure.Unreachable => !Resilience.WasNeverSent(failure.Cause!),
        // While it waited for its turn, or to try again after a 429, nothing was on its way.
        MeshiaFailure.TimedOut => call.IsOnItsWay,
        // A redirect is a refusal, though not in the service's own form; unless it leads to what was created.
        MeshiaFailure.InvalidAnswer => failure.Code != RedirectHandler.ErrorCode || (int)failure.StatusCode!.Value is 301 or 302 or 303,
        _ => false,
    };

    /// <summary>Whether something in the list is what was to be created.</summary>
    private Likeness Judge(T thing)
    {
        var createdAt = CreatedAtOf(thing);
        if (!IsLike(thing) || _created.ContainsKey(CreatedKey(IdOf(thing))) || createdAt < _began + transport.Service.ClockAhead - ClockTolerance)
            return Likeness.None;
        // One that does not say when it was created may be older; and another call may be creating its like at this moment.
        return createdAt is null || _beingCreated[Like] > 1 ? Likeness.Possible : Likeness.Certain;
    }

    private async Task<T> LookForAsync(MeshiaException cause, CancellationToken cancellationToken)
    {
        var found = new List<(T Thing, Likeness Likeness)>();
        try
        {
            for (var look = 0; look < 2 && found.Count == 0; look++)
            {
                if (look > 0)
                    await transport.Options.TimeProvider.WaitAsync(_secondLook, cancellationToken).ConfigureAwait(false);
                await foreach (var thing in new ListReader(transport).ReadAsync(List, options, cancellationToken).ConfigureAwait(false))
                {
                    // One may be shown on two pages, where another came in between.
                    if (Judge(thing) is var likeness and not Likeness.None && !found.Exists(item => IdOf(item.Thing) == IdOf(thing)))
                        found.Add((thing, likeness));
                }
            }
        }
        catch (MeshiaException failure)
        {
            throw Unknown(cause, $"and the list could not be read either: {failure.Message:long}", failure);
        }

        if (TakesFromList && found.Count == 1 && found[0].Likeness == Likeness.Certain)
            return found[0].Thing;
        if (found.Count == 0)
            throw Unknown(cause, $"and the list does not show it (yet).", cause);
        throw Unknown(cause, $"and the list shows what it could be: {found.Select(item => IdOf(item.Thing))}.", cause);
    }

    private MeshiaException Unknown(MeshiaException cause, DisplayText finding, Exception inner) => new(
        MeshiaFailure.OutcomeUnknown,
        "outcome_unknown",
        $"Whether {Description} was created is unknown: {cause.Message:long} It was not sent again, {finding}",
        inner)
    {
        StatusCode = cause.StatusCode,
        RequestId = cause.RequestId,
        Attempts = cause.Attempts,
        RecommendedAction = AdviceIfUnknown,
    };
}
