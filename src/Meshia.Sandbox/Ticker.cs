using System.Threading.Channels;
using Meshia.Sandbox.Time;
using Meshia.Sandbox.Webhooks;

namespace Meshia.Sandbox;

/// <summary>Says that there may be something to do; several calls before the next check count as one.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _channel =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _channel.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAsync(cancellationToken);
}

/// <summary>Does what is due in the background.</summary>
internal sealed class Ticker(Stepping stepping, WebhookSender webhooks, WakeSignal wake, TimeProvider real, IHostApplicationLifetime life, ILogger<Ticker> logger) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        await using var timer = real.CreateTimer(_ => wake.Set(), null, TimeSpan.Zero, _period);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await wake.WaitAsync(stoppingToken);
                await stepping.DoDueAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                logger.TickFailed(exception);
            }
        }

        await webhooks.FinishAsync();
    }

    /// <summary>The first work would otherwise keep the start waiting.</summary>
    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var ready = life.ApplicationStarted.Register(() => started.TrySetResult());
        await using var stopping = stoppingToken.Register(() => started.TrySetResult());
        await started.Task;
    }
}
