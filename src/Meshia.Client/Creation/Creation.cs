using System.Collections.Concurrent;
using System.Net;

namespace Meshia;

/// <summary>
/// Creates something at most once. The service documents no idempotency key, so a request whose outcome is unknown is not
/// repeated. What the list shows then is named, and never called ours: another process may have created it at the same
/// moment, under the same name, and no time that the service says is proof of the contrary.
/// </summary>
/// <typeparam name="T">What is created.</typeparam>
/// <param name="transport">The way to the service.</param>
/// <param name="options">The settings of the call.</param>
internal abstract class Creation<T>(Transport transport, CallOptions? options)
    where T : class, IServiceObject
{
    /// <summary>How far the time that a thing says it was created at may be from now: clocks differ, and a time without a zone is read as UTC.</summary>
    private static readonly TimeSpan _timeTolerance = TimeSpan.FromHours(15);

    /// <summary>How long a request whose answer was lost may still be at work in the service before it is looked for again.</summary>
    private static readonly TimeSpan _secondLook = TimeSpan.FromSeconds(2);

    /// <summary>How long a request that is on its way may still be answered after a stop, so that what it created is known; a person waits no longer than a second for a stop.</summary>
    private static readonly TimeSpan _graceAfterStop = TimeSpan.FromMilliseconds(400);

    /// <summary>What this process has created, which is never taken for the outcome of a later call.</summary>
    private static readonly ConcurrentDictionary<string, bool> _created = new(StringComparer.Ordinal);

    /// <summary>The list that shows what exists.</summary>
    protected abstract ApiList<T> List { get; }

    /// <summary>What is sent.</summary>
    protected abstract Dictionary<string, object?> Body { get; }

    /// <summary>What is created, for a sentence.</summary>
    protected abstract DisplayText Description { get; }

    /// <summary>Creates it.</summary>
    /// <exception cref="MeshiaException">It was refused, or it is not known whether it was created.</exception>
    public async Task<T> RunAsync(CancellationToken cancellationToken)
    {
        var call = new CallContext(transport.Request(HttpMethod.Post, List.Path) with { Body = JsonValue.ToBytes(Body), IsRepeatable = false }, options, transport.Options);
        try
        {
            var thing = await CreateAsync(call, cancellationToken).ConfigureAwait(false);
            _created[CreatedKey(IdOf(thing))] = true;
            return thing;
        }
        catch (OperationCanceledException) when (call.IsOnItsWay || call.MayHaveBeenDone)
        {
            call.Tell(ClientMessageLevel.Warning, $"Creating {Description} was cancelled, but it may have been created and may cost money. List what exists.");
            throw;
        }
    }

    /// <summary>What the user can do where the outcome is unknown.</summary>
    protected virtual DisplayText AdviceIfUnknown => $"List what exists before you try again: a second one costs money too.";

    /// <summary>Whether something in the list has all that was asked for.</summary>
    protected abstract bool IsLike(T thing);

    protected abstract string IdOf(T thing);

    protected abstract DateTimeOffset? CreatedAtOf(T thing);

    private async Task<T> CreateAsync(CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            using var end = new CancellationTokenSource();
            using var stop = cancellationToken.Register(() => End(call, end));
            using var response = await transport.SendAsync(call, end.Token).ConfigureAwait(false);
            var thing = await ApiResponse.ReadAsync(response, List.Convert).ConfigureAwait(false);
            transport.Service.TellOnce(thing.Doubt, call);
            return thing;
        }
        catch (MeshiaException failure) when (cancellationToken.IsCancellationRequested)
        {
            // To look for it would take longer than a stop may.
            call.MayHaveBeenDone |= Resilience.MayHaveBeenDone(failure, call);
            throw new OperationCanceledException(cancellationToken);
        }
        catch (MeshiaException failure) when (Resilience.MayHaveBeenDone(failure, call))
        {
            call.IsOnItsWay = true;
            if (failure.StatusCode is HttpStatusCode.Created or HttpStatusCode.Accepted or HttpStatusCode.SeeOther && await FindAtAsync(failure.Location, call, cancellationToken).ConfigureAwait(false) is { } found)
                return found;
            throw await LookForAsync(failure, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads what was created at the address that the answer gives, which proves that it is ours.</summary>
    /// <returns>Null if the address is not one of this service, or something else is there.</returns>
    private async Task<T?> FindAtAsync(Uri? location, CallContext call, CancellationToken cancellationToken)
    {
        if (location is null || ExactUri.Combine(call.Request.Uri, location) is not { } target || !ApiPath.IsSameOrigin(target, call.Request.Uri))
            return null;
        var folder = call.Request.Uri.AbsolutePath + "/";
        var id = target.AbsolutePath.StartsWith(folder, StringComparison.Ordinal) ? Uri.UnescapeDataString(target.AbsolutePath.Substring(folder.Length)) : "";
        if (id.Length == 0 || id.Any(character => char.IsControl(character) || character == '/'))
            return null;
        try
        {
            var thing = await transport.GetAsync(List.Path, id, List.Convert, new CallOptions(options), cancellationToken).ConfigureAwait(false);
            return IdOf(thing) == id && IsLike(thing) ? thing : null;
        }
        catch (Exception failure) when (failure is MeshiaException or ArgumentException)
        {
            // The list may still show it.
            return null;
        }
    }

    private static void End(CallContext call, CancellationTokenSource end)
    {
        call.IsStopped = true;
        if (call.IsOnItsWay)
            end.CancelAfter(_graceAfterStop);
        else
            end.Cancel();
    }

    /// <summary>An id is one of a service: two sandboxes may give the same.</summary>
    private string CreatedKey(string id) => $"{transport.Options.BaseUri} {id}";

    /// <summary>Whether something in the list may be what was to be created.</summary>
    private bool IsCandidate(T thing) => IsLike(thing) && !_created.ContainsKey(CreatedKey(IdOf(thing)))
        && (CreatedAtOf(thing) is not { } time || (time - transport.Service.Now).Duration() < _timeTolerance);

    /// <summary>Names what the list shows.</summary>
    private async Task<MeshiaException> LookForAsync(MeshiaException cause, CancellationToken cancellationToken)
    {
        var found = new List<T>();
        var completeness = new ListCompleteness();
        var look = new CallOptions(options) { MaxRetries = options?.MaxRetries, Completeness = completeness, ItemFailed = static _ => { } };
        try
        {
            for (var looks = 0; looks < 2 && found.Count == 0; looks++)
            {
                if (looks > 0)
                    await transport.Options.TimeProvider.WaitAsync(_secondLook, cancellationToken).ConfigureAwait(false);
                await foreach (var thing in new ListReader(transport).ReadAsync(List, look, cancellationToken).ConfigureAwait(false))
                {
                    if (IsCandidate(thing))
                        found.Add(thing);
                }
            }
        }
        catch (MeshiaException failure)
        {
            return Unknown(cause, $"and the list could not be read{(found.Count > 0 ? $" to its end; it shows what may have been created: {Names(found)}" : "")}: {failure.Message:long}", failure);
        }

        var isShort = completeness.IsComplete ? null : (DisplayText)$" The list is not complete: {completeness.Reasons[0]:long}";
        return found.Count == 0
            ? Unknown(cause, $"and the list does not show it (yet).{isShort}", cause)
            : Unknown(cause, $"and the list shows what this or another caller may have created: {Names(found)}.{isShort}", cause);
    }

    private DisplayText Names(List<T> found) => $"{found.Select(thing => CreatedAtOf(thing) is { } time ? FormattableString.Invariant($"{IdOf(thing)} (created {time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC)") : IdOf(thing))}";

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
