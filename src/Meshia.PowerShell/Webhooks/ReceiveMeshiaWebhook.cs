using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Receive-MeshiaWebhook</c>: listens for deliveries and writes their events as they come.</summary>
[Cmdlet(VerbsCommunications.Receive, "MeshiaWebhook", HelpUri = HelpAddress.Base + "Receive-MeshiaWebhook.md")]
[OutputType(typeof(WebhookEvent))]
public sealed class ReceiveMeshiaWebhook : VerifyingCmdlet
{
    /// <summary>A sender that waits longer than this for a busy pipeline is told to come again, before it gives up by itself.</summary>
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(8);

    private readonly CancellationTokenSource _enough = new();
    private Wildcards _eventTypes = new(null);
    private int _received;

    /// <summary>Where to listen: http on this machine unless told otherwise. Its path is the only one that is served; / serves every path.</summary>
    [Parameter(Position = 0)]
    [Alias("Url")]
    [ValidateNotNull]
    public Uri Uri { get; set; } = WebhookReceiverOptions.DefaultUri;

    /// <summary>How many events to write before ending; without it, it ends by time or by Ctrl+C.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>How long to listen; without it, until there are enough events.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue / 1000)]
    public int TimeoutSeconds { get; set; }

    /// <summary>The events to write, with wildcards; all but ping without it. Others are taken and left.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateWildcard]
    [ArgumentCompleter(typeof(WebhookEventCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? EventType { get; set; }

    /// <summary>The sessions whose events to write. Others are taken and left.</summary>
    [Parameter]
    [IdOf("Session")]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? SessionId { get; set; }

    /// <summary>How old the signed time stamp of an event may be, and how long a delivery is remembered so that it is an event once.</summary>
    [Parameter]
    [Duration]
    [ValidateAge]
    public TimeSpan MaximumAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The longest body to take, in bytes.</summary>
    [Parameter]
    [ValidateRange(1024, 64 * 1024 * 1024)]
    public int MaximumBodySize { get; set; } = new WebhookReceiverOptions().MaxBodyBytes;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _eventTypes = new Wildcards(EventType);
        try
        {
            using var receiver = new WebhookReceiver(
                new()
                {
                    Uri = Uri,
                    Secrets = [.. Secret.Select(SecretText.Reveal)],
                    AllowUnverified = AllowUnverified,
                    MaxBodyBytes = MaximumBodySize,
                    // Without a secret anyone can write any time stamp, so a limit would only stop tests.
                    MaximumAge = MaximumAge == TimeSpan.MaxValue || (AllowUnverified && !MyInvocation.BoundParameters.ContainsKey(nameof(MaximumAge))) ? null : MaximumAge,
                    LogFolder = WebhookReceiverOptions.DefaultLogFolder,
                },
                TakeAsync,
                Tell);
            WriteVerbose($"Listening at {receiver.Uri}.");
            Run(async cancellationToken =>
            {
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _enough.Token);
                if (TimeoutSeconds > 0)
                    end.CancelAfter(TimeSpan.FromSeconds(TimeoutSeconds));
                await receiver.RunAsync(end.Token).ConfigureAwait(false);
            });
        }
        catch (ArgumentException failure)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "InvalidAddress", ErrorCategory.InvalidArgument, Uri));
        }
        catch (IOException failure)
        {
            ThrowTerminatingError(StreamRecord.Error(failure, "CannotListen", ErrorCategory.ResourceUnavailable, Uri));
        }

        if (_received < Count)
        {
            WriteError(StreamRecord.Error(
                new TimeoutException($"{_received} of {Count} events arrived within {TimeoutSeconds} s."),
                "ReceiveTimedOut",
                ErrorCategory.OperationTimeout,
                Uri));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _enough.Dispose();
    }

    /// <summary>
    /// Takes an event: it is taken once the pipeline has it. Until then the sender is not told that it arrived, so none
    /// is lost at Ctrl+C.
    /// </summary>
    private async Task<bool> TakeAsync(WebhookEvent received, CancellationToken cancellationToken)
    {
        if (!IsWanted(received))
        {
            Tell(new(ClientMessageLevel.Notice, $"The event {received.EventType} was received, but the parameters do not include it."));
            return true;
        }

        var isTaken = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isClaimed = 0;
        OnPipelineThread(() =>
        {
            if (Interlocked.Exchange(ref isClaimed, 1) == 0)
                Write(received, isTaken);
        });

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var withdrawal = patience.Token.Register(() =>
        {
            if (Interlocked.Exchange(ref isClaimed, 1) == 0)
                isTaken.SetResult(false);
        });
        patience.CancelAfter(_longestWait);
        return await isTaken.Task.ConfigureAwait(false);
    }

    private void Write(WebhookEvent received, TaskCompletionSource<bool> isTaken)
    {
        if (Count > 0 && _received == Count)
        {
            isTaken.SetResult(false);
            return;
        }

        _received++;
        try
        {
            WriteObject(received);
        }
        catch (PipelineStoppedException)
        {
            isTaken.SetResult(false);
            throw;
        }
        catch
        {
            // A command that has enough, such as Select-Object -First, got this one.
            isTaken.SetResult(true);
            throw;
        }

        isTaken.SetResult(true);
        if (_received == Count)
            _enough.Cancel();
    }

    private bool IsWanted(WebhookEvent received) =>
        (EventType is null ? received.EventType != WebhookEventType.Ping : _eventTypes.Match(received.EventType))
        && (SessionId is null || SessionId.Contains(received.SessionId, StringComparer.Ordinal));

    private void Tell(ClientMessage message) => OnPipelineThread(() => Write(message));
}
