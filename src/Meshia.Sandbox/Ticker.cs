using System.Threading.Channels;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Webhooks;

namespace Meshia.Sandbox;

/// <summary>Says that there may be something to do; many calls before anybody looks count as one.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _channel =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _channel.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAsync(cancellationToken);
}

/// <summary>Moves sessions on and sends what is due while nobody asks.</summary>
internal sealed class Ticker(
    SessionLifecycle sessions, WebhookSender webhooks, WakeSignal wake, TimeProvider time, ILogger<Ticker> logger) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = time.CreateTimer(_ => wake.Set(), null, TimeSpan.Zero, _period);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await wake.WaitAsync(stoppingToken);
                sessions.Advance();
                webhooks.SendDue(stoppingToken);
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
}
