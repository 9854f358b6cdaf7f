using Polly;
using Polly.Retry;

namespace Meshia;

/// <summary>Sends a call again and again, as <see cref="Resilience"/> allows it, with waits that grow.</summary>
internal sealed class RetryPipeline(MeshiaClientOptions options)
{
    private static readonly ResiliencePropertyKey<CallContext> _call = new("Meshia.Call");

    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline = Build(options);

    /// <summary>Goes on after the first attempt.</summary>
    /// <param name="call">The call.</param>
    /// <param name="first">How its first attempt ended.</param>
    /// <param name="send">Makes another attempt.</param>
    /// <param name="cancellationToken">Ends the attempts and the waits.</param>
    public async Task<HttpResponseMessage> SendAsync(CallContext call, Attempt first, Func<CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(_call, call);
        var isFirst = true;
        try
        {
            return await _pipeline.ExecuteAsync(
                context =>
                {
                    if (!isFirst)
                        return new ValueTask<HttpResponseMessage>(send(context.CancellationToken));
                    isFirst = false;
                    return first.Failure is { } failure ? new(Task.FromException<HttpResponseMessage>(failure)) : new(first.Response!);
                },
                context).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static ResiliencePipeline<HttpResponseMessage> Build(MeshiaClientOptions options) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = options.TimeProvider }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = Resilience.LongestDelay,
                ShouldHandle = arguments => new(Resilience.AllowsAnother(AttemptOf(arguments.Outcome), arguments.AttemptNumber, CallOf(arguments.Context), options)),
                DelayGenerator = arguments => new(Resilience.DelayFor(options, arguments.Outcome.Result, arguments.AttemptNumber)),
                OnRetry = arguments =>
                {
                    var why = arguments.Outcome.Exception?.Message ?? $"status {(int)arguments.Outcome.Result!.StatusCode}";
                    var call = CallOf(arguments.Context);
                    call.LastFailure = why;
                    call.Waited += arguments.RetryDelay;
                    call.MayHaveBeenDone |= Resilience.MayHaveBeenDone(AttemptOf(arguments.Outcome));
                    call.Tell(ClientMessageLevel.Notice, $"Retry {arguments.AttemptNumber + 1} of {call.MaxRetries} in {arguments.RetryDelay.TotalSeconds:0.0} s: {why:long}");
                    return default;
                },
            })
            .Build();

    private static Attempt AttemptOf(Outcome<HttpResponseMessage> outcome) => new(outcome.Result, outcome.Exception);

    private static CallContext CallOf(ResilienceContext context) => context.Properties.GetValue(_call, null!);
}
