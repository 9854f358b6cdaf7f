using System.Net;

namespace Meshia;

/// <summary>Stops a session, and knows when it is stopped although the answer does not say so.</summary>
internal sealed class SessionStop(Transport transport, string id, CallOptions? options)
{
    /// <inheritdoc cref="MeshiaClient.StopSessionAsync"/>
    public async Task<Session?> RunAsync(CancellationToken cancellationToken)
    {
        var request = transport.Request(HttpMethod.Post, $"sessions/{ApiPath.Segment(id, nameof(id))}/stop") with { IsRepeatable = true };
        var call = new CallContext(request, options, transport.Options);
        try
        {
            using var response = await transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
            var session = await ApiResponse.ReadAsync(response).ConfigureAwait(false) is { } value ? Session.From(value) : null;
            transport.Service.TellOnce((session as IServiceObject)?.Doubt, call);
            transport.Service.TellOnce(session is null ? null : FieldDoubt.OfOtherId(id, session.Id), call);
            return session;
        }
        catch (FormatException)
        {
            // The status says that it worked; what else the answer says does not change that.
            return null;
        }
        catch (MeshiaException failure) when (IsUnclear(failure))
        {
            var (isStopped, session) = await LookAsync(failure, cancellationToken).ConfigureAwait(false);
            if (!isStopped)
                throw;
            call.Tell(ClientMessageLevel.Notice, $"Session {id} is {session?.Status ?? "gone"}, although the answer to the stop was: {failure.Message:long}");
            return session;
        }
    }

    /// <summary>Whether the session may be stopped: the service says that it cannot be, does not find it, or says nothing.</summary>
    private static bool IsUnclear(MeshiaException failure) => failure.Failure switch
    {
        MeshiaFailure.Refused => (int)failure.StatusCode!.Value is < 300 or 400 or 404 or 409 or 410 or 412 or 422 || Resilience.LeavesOpen(failure.StatusCode.Value),
        MeshiaFailure.Unreachable => !Resilience.WasNeverSent(failure.InnerException!),
        _ => failure.Failure == MeshiaFailure.TimedOut,
    };

    /// <summary>Looks at the session, once.</summary>
    private async Task<(bool IsStopped, Session? Session)> LookAsync(MeshiaException stop, CancellationToken cancellationToken)
    {
        var once = new CallOptions(options) { MaxRetries = Math.Min(1, options?.MaxRetries ?? 1), Timeout = transport.Options.RequestTimeout };
        try
        {
            using var response = await transport.SendAsync(transport.Request(HttpMethod.Get, $"sessions/{ApiPath.Segment(id, nameof(id))}"), once, cancellationToken).ConfigureAwait(false);
            var session = await ApiResponse.ReadAsync(response, Session.From).ConfigureAwait(false);
            // One that a cache kept shows how it was, and another one shows nothing.
            var isStopped = FieldDoubt.OfOtherId(id, session.Id) is null && !(response.Headers.Age > TimeSpan.Zero) && (EndState.IsOver(session) || session.Status == SessionStatus.Stopping);
            return (isStopped, session);
        }
        catch (MeshiaException gone) when (gone.StatusCode == HttpStatusCode.NotFound)
        {
            // It is gone where an answer that was lost has stopped it; else there never was one of this id.
            return (stop.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone && stop.MayHaveBeenDone, null);
        }
        catch (MeshiaException)
        {
            return (false, null);
        }
    }
}
