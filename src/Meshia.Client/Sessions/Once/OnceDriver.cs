namespace Meshia;

/// <summary>Sends what <see cref="OnceStart"/> decides, and waits when it says so.</summary>
/// <param name="transport">The way to the service.</param>
/// <param name="request">What is asked for.</param>
/// <param name="options">The settings of the calls.</param>
/// <param name="progress">Hears what is waited for.</param>
internal sealed class OnceDriver(Transport transport, OnceRequest request, CallOptions? options, Action<string>? progress)
{
    /// <summary>How many requests without an answer one call sends.</summary>
    private const int MaxUnknown = 3;

    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _created = new(StringComparer.Ordinal);
    private readonly long _began = transport.Options.TimeProvider.GetTimestamp();
    private readonly Action<ClientMessage>? _tell = options?.Observer ?? transport.Options.Observer;
    private OnceStart? _start;
    private SessionListing? _listing;
    private int _unknown;
    private int _notSent;

    private TimeSpan Now => transport.Options.TimeProvider.GetElapsedTime(_began);

    /// <summary>Starts the one session of the key, or finds it.</summary>
    /// <exception cref="MeshiaException">There is no session to return; its code is a name of <see cref="OnceError"/>, or the service's.</exception>
    public async Task<Session> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var listing = await ReadAsync(cancellationToken).ConfigureAwait(false);
            _start = new(request, OnceTiming.For(transport.Options.SettleTime, listing.Facts.SandboxLag));
            _start.Begin(TimeSpan.Zero);
            var step = _start.Listed(LookOf(listing), Now);
            while (true)
            {
                switch (step)
                {
                    case OnceStep.HandOut(var seen, var isAdopted):
                        var session = _sessions[seen.Id];
                        session.Adopted = isAdopted;
                        return session;
                    case OnceStep.Fail(var code, var message, _):
                        throw new MeshiaException(MeshiaFailure.NotStarted, code.ToString(), $"{message:long}");
                    default:
                        step = await DoAsync(step, cancellationToken).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception failure) when (_created.Count > 0 && failure is MeshiaException { Failure: not MeshiaFailure.NotStarted } or OperationCanceledException)
        {
            if (_created.Count > 0)
                Warn($"This call created {_created}, and did not finish. It may cost money. Run the same command again to get it, or stop it with Stop-MeshiaSession.");
            throw;
        }
    }

    /// <summary>Looks once more for duplicates, when it is time: a request that took effect late may have made one.</summary>
    public async Task LookLaterAsync(CancellationToken cancellationToken)
    {
        if (_start is null)
            return;
        var wait = _start.LaterLookAt - Now;
        if (wait > TimeSpan.Zero)
            await transport.Options.TimeProvider.WaitAsync(wait, cancellationToken).ConfigureAwait(false);
        var leftovers = _start.LookLater(LookOf(await ReadAsync(cancellationToken).ConfigureAwait(false)), Now);
        var running = new List<string>(leftovers.ToReport);
        foreach (var id in leftovers.ToStop)
        {
            if (!await TryStopAsync(id, cancellationToken).ConfigureAwait(false) && await StopIfProvisioningAsync(id, cancellationToken).ConfigureAwait(false))
                running.Add(id);
        }

        foreach (var id in leftovers.ToStopIfProvisioning)
        {
            if (await StopIfProvisioningAsync(id, cancellationToken).ConfigureAwait(false))
                running.Add(id);
        }

        if (running.Count > 0)
            Warn($"More than one session with this key runs: {running}. Stop those that are not in use with Stop-MeshiaSession.");
    }

    private async Task<OnceStep> DoAsync(OnceStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case OnceStep.List:
                return _start!.Listed(LookOf(await ReadAsync(cancellationToken).ConfigureAwait(false)), Now);
            case OnceStep.Get(var id):
                var found = await TryGetAsync(id, cancellationToken).ConfigureAwait(false);
                return _start!.Got(id, found is null ? null : SeenSession.From(found), Now);
            case OnceStep.Stop(var id):
                var isConfirmed = await TryStopAsync(id, cancellationToken).ConfigureAwait(false);
                return _start!.Stopped(id, isConfirmed, Now);
            case OnceStep.Create(var name):
                // Here, and not before: a session that is adopted is one that runs already.
                if (_listing is { } listing)
                    transport.Options.Policy.RequireRoom(listing.Seen, listing.Facts.IsComplete);
                return _start!.Created(await CreateAsync(name, cancellationToken).ConfigureAwait(false), Now);
            case OnceStep.Wait(var time, var reason):
                progress?.Invoke(reason);
                await transport.Options.TimeProvider.WaitAsync(time, cancellationToken).ConfigureAwait(false);
                return OnceStart.Waited();
            default:
                throw new InvalidOperationException($"There is no way to do {step}.");
        }
    }

    private async Task<SessionListing> ReadAsync(CancellationToken cancellationToken) =>
        _listing = await SharedSessionList.Of(transport).ReadAsync(() => SessionListing.ReadAsync(transport, options, SessionDeadline.LongestLife, cancellationToken), cancellationToken).ConfigureAwait(false);

    private OnceLook LookOf(SessionListing listing) => new([.. listing.Seen], listing.Facts.IsComplete, listing.Facts.Date, listing.Facts.LocalTime)
    {
        Duration = transport.Options.TimeProvider.GetElapsedTime(listing.Began),
    };

    private async Task<Session?> TryGetAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return _sessions[id] = await SessionRequests.GetAsync(transport, id, options, cancellationToken).ConfigureAwait(false);
        }
        catch (MeshiaException failure) when (failure.Refusal == MeshiaRefusal.NotFound)
        {
            return null;
        }
    }

    /// <returns>Whether it runs, and so was not stopped: a job may use it by now.</returns>
    private async Task<bool> StopIfProvisioningAsync(string id, CancellationToken cancellationToken)
    {
        for (var stops = 0; stops < OnceStart.MaxStops; stops++)
        {
            if (await TryGetAsync(id, cancellationToken).ConfigureAwait(false) is not { } session)
                return false;
            var seen = SeenSession.From(session);
            if (!seen.IsProvisioning)
                return !seen.HasEnded;
            if (await TryStopAsync(id, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return false;
    }

    /// <summary>Sends a stop once: before it is sent again, check whether a job may use the session by then.</summary>
    /// <returns>Whether the service said that it stops.</returns>
    private async Task<bool> TryStopAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            await new SessionStop(transport, id, new(options) { MaxRetries = 0 }).RunAsync(cancellationToken).ConfigureAwait(false);
            _created.Remove(id);
            return true;
        }
        catch (MeshiaException failure) when (failure.Refusal is not (MeshiaRefusal.InvalidKey or MeshiaRefusal.NotAllowed))
        {
            if (failure.Refusal == MeshiaRefusal.NotFound)
                return true;
            Warn($"Session {id} is a second session of this key, and stopping it failed: {failure.Message:long}");
            return false;
        }
    }

    private async Task<OnceCreation> CreateAsync(SessionName name, CancellationToken cancellationToken)
    {
        var create = transport.Request(HttpMethod.Post, SessionRequests.List().Path) with { Body = JsonValue.ToBytes(SessionRequests.Body(name.Text, request.Gpu, request.Repo)) };
        // Sent once: before another is sent, the list is read again.
        var call = new CallContext(create, new(options) { MaxRetries = 0 }, transport.Options);
        try
        {
            using var response = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
            var session = await ApiResponse.ReadAsync(response, Session.From).ConfigureAwait(false);
            _notSent = 0;
            _sessions[session.Id] = session;
            _created.Add(session.Id);
            return new OnceCreation.Created(SeenSession.From(session));
        }
        catch (MeshiaException failure) when (Resilience.MayHaveBeenDone(failure, call))
        {
            if (++_unknown == MaxUnknown)
                throw new MeshiaException(MeshiaFailure.NotStarted, nameof(OnceError.OnceUnsettled), $"{MaxUnknown} requests to create session '{name.Text}' had no clear answer, the last one: {failure.Message:long} Run the same command again. If a session was created, it finds it by its key.", failure);
            call.Tell(ClientMessageLevel.Notice, $"Whether session '{name.Text}' was created is unknown: {failure.Message:long} The list will show it.");
            return new OnceCreation.Unknown();
        }
        catch (MeshiaException failure) when (WasNotTaken(failure) && _notSent++ < transport.Options.MaxRetries)
        {
            return new OnceCreation.NotSent(failure.RetryAfter ?? TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (call.IsOnItsWay)
        {
            Warn($"Creating session '{name.Text}' was cancelled, but the session may have been created and may cost money. Run the same command again to get it, or check with Get-MeshiaSession -Name {request.BaseName:command}.");
            throw;
        }
    }

    private static bool WasNotTaken(MeshiaException failure) => failure.Refusal == MeshiaRefusal.RateLimited
        || (failure.Failure == MeshiaFailure.Unreachable && Resilience.WasNeverSent(failure.InnerException!));

    private void Warn(DisplayText text) => _tell?.Invoke(new(ClientMessageLevel.Warning, text));
}
