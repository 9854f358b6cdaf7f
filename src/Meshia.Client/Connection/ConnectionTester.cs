using System.Diagnostics;

namespace Meshia;

/// <summary>Finds out with one small request whether the service answers and takes the key.</summary>
internal sealed class ConnectionTester(Transport transport)
{
    /// <summary>Sends the request.</summary>
    /// <exception cref="MeshiaException">The service does not take the key, or cannot be asked.</exception>
    public async Task AskAsync(CallOptions? call, CancellationToken cancellationToken)
    {
        // The shortest list that every plan has.
        using var response = await transport.SendAsync(transport.Request(HttpMethod.Get, SessionRequests.List(SessionStatus.Provisioning).Path), call, cancellationToken).ConfigureAwait(false);
        await ApiResponse.ReadAsync(response).ConfigureAwait(false);
    }

    public async Task<ConnectionTest> TestAsync(TimeSpan timeout, CallOptions? call, CancellationToken cancellationToken)
    {
        using var patience = transport.Options.TimeProvider.CancelAfter(timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var watch = Stopwatch.StartNew();
        try
        {
            await AskAsync(call, either.Token).ConfigureAwait(false);
            watch.Stop();
            return Result(isReachable: true, isAuthenticated: true, null);
        }
        catch (MeshiaException failure)
        {
            watch.Stop();
            return Result(isReachable: failure.StatusCode is not null, isAuthenticated: false, failure.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Result(isReachable: false, isAuthenticated: false, FormattableString.Invariant($"No answer from {transport.Options.BaseUri.Host} within {timeout.TotalSeconds:0.#} s."));
        }

        ConnectionTest Result(bool isReachable, bool isAuthenticated, string? error) => new()
        {
            BaseUri = transport.Options.BaseUri,
            IsReachable = isReachable,
            IsAuthenticated = isAuthenticated,
            Latency = isReachable ? watch.Elapsed : null,
            RequestsLeft = transport.Service.LastRequestsLeft ?? transport.OwnRequestsLeft,
            Error = error,
        };
    }
}
