using System.Net;

namespace Meshia;

/// <summary>
/// Keeps within the service's requests per minute (wire contract, Transport): each attempt takes its turn in the
/// <see cref="RequestBudget"/> that all processes of this machine share.
/// </summary>
/// <param name="budgetOf">Gives the budget of the key in use, or null if there is no limit.</param>
/// <param name="options">The settings of the client.</param>
internal sealed class RateLimitHandler(Func<RequestBudget?> budgetOf, MeshiaClientOptions options) : DelegatingHandler
{
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = CallContext.Of(request);
        if (call.Pace is { } pace)
            await pace.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        if (budgetOf() is not { } budget)
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

        var patience = call.TotalTimeout - options.TimeProvider.GetElapsedTime(call.Began);
        var turn = await budget.TakeAsync(call.Class, call.Tell, cancellationToken, call.Command, patience).ConfigureAwait(false);
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            budget.Complete(turn, response.StatusCode == (HttpStatusCode)429 ? Resilience.PauseAfter(response, options) : TimeSpan.Zero);
            return response;
        }
        catch (HttpRequestException)
        {
            budget.Complete(turn);
            throw;
        }

        // A request that was cancelled may be counted a little later: its place stays taken for longer.
    }
}
