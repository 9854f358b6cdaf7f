using System.Diagnostics;

namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>Finds out with one small request whether the service answers and takes the key; it does not throw for either.</summary>
    /// <param name="timeout">How long to wait, retries included.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ConnectionTest> TestAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var patience = _options.TimeProvider.CancelAfter(timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var watch = Stopwatch.StartNew();
        try
        {
            // The shortest list that every plan has.
            using var response = await CallAsync(HttpMethod.Get, "sessions?status=provisioning", null, isRepeatable: true, either.Token).ConfigureAwait(false);
            watch.Stop();
            await ApiResponse.ReadAsync(response).ConfigureAwait(false);
            return Result(isReachable: true, isAuthenticated: true, null);
        }
        catch (MeshiaException failure)
        {
            watch.Stop();
            return Result(isReachable: failure.StatusCode is not null, isAuthenticated: false, failure.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Result(isReachable: false, isAuthenticated: false, $"No answer from {BaseUri.Host} within {timeout.TotalSeconds:0.#} s.");
        }

        ConnectionTest Result(bool isReachable, bool isAuthenticated, string? error) => new()
        {
            BaseUri = BaseUri,
            IsReachable = isReachable,
            IsAuthenticated = isAuthenticated,
            Latency = isReachable ? watch.Elapsed : null,
            RequestsLeft = _service.RequestsLeft ?? _chains.Value.Limit.Available,
            Error = error,
        };
    }
}
