using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace Meshia.PowerShell;

/// <summary>
/// A cmdlet that does asynchronous work. <see cref="Run"/> starts the work on the thread pool and meanwhile carries out,
/// on the pipeline's own thread and in order, what the work asks for through <see cref="EmitAsync"/> and
/// <see cref="OnPipelineThread"/>: PowerShell's <c>Write*</c> methods allow no other thread.
/// </summary>
public abstract class AsyncCmdlet : TextCmdlet, IDisposable
{
    /// <summary>How many batches may wait for a slow pipeline before the work waits too; more would only fill the memory.</summary>
    private const int MostWaitingBatches = 4;

    /// <summary>It stands beside the progress of the cmdlet itself.</summary>
    private const int WaitProgressId = 429;

    /// <summary>How long stopped work may take to end; after it Ctrl+C would feel dead.</summary>
    private static readonly TimeSpan _graceAfterStop = TimeSpan.FromMilliseconds(700);

    /// <summary>How often work that runs beside the pipeline looks whether its thread is there for it.</summary>
    private static readonly TimeSpan _nextAsk = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room = new(MostWaitingBatches);
    private readonly object _order = new();
    private BlockingCollection<PipelineRequest>? _requests;
    private ObjectBatch? _open;

    /// <summary>An open batch of which the pipeline's thread does not know yet.</summary>
    private ObjectBatch? _held;
    private PSHost? _host;

    /// <summary>Cancelled when the pipeline is to stop.</summary>
    internal CancellationToken StopToken => _stop.Token;

    /// <summary>Does the work; returns when it has ended, and throws what it threw.</summary>
    /// <param name="work">It must not touch the pipeline but through the methods of this class.</param>
    private protected void Run(Func<CancellationToken, Task> work)
    {
        using var requests = new BlockingCollection<PipelineRequest>();
        (_requests, _host) = (requests, Host);
        var task = Task.Run(() => work(_stop.Token));
        _ = task.ContinueWith(static (_, requests) => End((BlockingCollection<PipelineRequest>)requests!), requests, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            while (requests.TryTake(out var request, Timeout.Infinite, _stop.Token))
                Do(request);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            WaitForEnd(task);
            WarnOfWhatWasLost(requests);
            throw new PipelineStoppedException();
        }
        catch
        {
            // The next command has enough (Select-Object -First), or a preference turned a message into an error.
            _stop.Cancel();
            WaitForEnd(task);
            WarnOfWhatWasLost(requests);
            throw;
        }
        finally
        {
            _requests = null;
        }

        if (_stop.IsCancellationRequested)
            throw new PipelineStoppedException();
        task.GetAwaiter().GetResult();
    }

    /// <summary>
    /// Writes an object to the pipeline; the work continues when there is room for it. What is emitted before the pipeline's
    /// thread has time for it waits in one batch, so that thousands of objects do not cost a request each.
    /// </summary>
    /// <param name="value">The object.</param>
    /// <param name="otherwise">What the host must show where the pipeline is stopped before it takes the object.</param>
    private protected Task EmitAsync(object value, DisplayText? otherwise = null) => AddAsync(value, otherwise, holds: false);

    /// <summary>The same for an object of many: the pipeline's thread is woken for a full batch, or by <see cref="EmitHeld"/>.</summary>
    private protected Task HoldAsync(object value) => AddAsync(value, null, holds: true);

    /// <summary>Lets the pipeline have what <see cref="HoldAsync"/> holds.</summary>
    private protected void EmitHeld()
    {
        if (Volatile.Read(ref _held) is not null)
            TryAsk(null);
    }

    private Task AddAsync(object value, DisplayText? otherwise, bool holds)
    {
        Complete(value);
        if (!_stop.IsCancellationRequested && Volatile.Read(ref _open)?.TryAdd(value, otherwise) == true)
            return Task.CompletedTask;
        return EmitBatchAsync(value, otherwise, holds);
    }

    private async Task EmitBatchAsync(object value, DisplayText? otherwise, bool holds)
    {
        EmitHeld();
        try
        {
            await _room.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (otherwise is not null)
        {
            WarnHost(_host, otherwise);
            throw;
        }

        var batch = new ObjectBatch(value, otherwise, WriteObject, () => _room.Release());
        bool isTaken;
        lock (_order)
        {
            // Another thread may have held one meanwhile.
            EmitHeld();
            _open = batch;
            if (holds)
                _held = batch;
            isTaken = holds || TryAsk(batch);
        }

        if (!isTaken && otherwise is not null)
            WarnHost(_host, otherwise);
    }

    /// <summary>Adds to an object what only this cmdlet knows, before it is written.</summary>
    private protected virtual void Complete(object value)
    {
    }

    /// <summary>Waits until the pipeline has taken all objects. Canceled when the pipeline stops.</summary>
    private protected async Task EmittedAsync()
    {
        var taken = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopped = _stop.Token.Register(() => taken.TrySetCanceled());
        OnPipelineThread(() => taken.TrySetResult(true));
        await taken.Task.ConfigureAwait(false);
    }

    /// <summary>Has something done on the pipeline's thread, in the order of asking.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="otherwise">What the host must show where the pipeline is stopped before it is done.</param>
    private protected void OnPipelineThread(Action action, DisplayText? otherwise = null)
    {
        if (!TryAsk(new PipelineAction(action, otherwise)) && otherwise is not null)
            WarnHost(_host, otherwise);
    }

    /// <summary>Has something computed on the pipeline's thread, once that thread is there for it.</summary>
    private protected async Task<T> OnPipelineThreadAsync<T>(Func<T> compute)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopped = _stop.Token.Register(() => result.TrySetCanceled());
        void Compute()
        {
            try
            {
                result.TrySetResult(compute());
            }
            catch (Exception failure)
            {
                result.TrySetException(failure);
                throw;
            }
        }

        while (!TryAsk(new PipelineAction(Compute, null)))
            await Task.Delay(_nextAsk, _stop.Token).ConfigureAwait(false);
        return await result.Task.ConfigureAwait(false);
    }

    /// <summary>Tells the client's messages as they come. A warning reaches the host even where the pipeline has stopped: it may be about something that costs money.</summary>
    private protected void Relay(ClientMessage message) =>
        OnPipelineThread(() => Write(message), message.Level == ClientMessageLevel.Warning ? DisplayText.From(message.Text) : null);

    /// <summary>Writes a message of the client to the stream that fits it; on the pipeline's thread only.</summary>
    private protected void Write(ClientMessage message)
    {
        switch (message.Level)
        {
            case ClientMessageLevel.Warning: WriteWarning($"{message.Text:long}"); break;
            case ClientMessageLevel.Notice: WriteVerbose($"{message.Text:long}"); break;
            case ClientMessageLevel.Waiting: Show(message); break;
            default: WriteDebug($"{message.Text:long}"); break;
        }
    }

    private void Show(ClientMessage wait)
    {
        DisplayText activity = $"Waiting for the rate limit";
        if (wait.Remaining is not { } remaining || remaining <= TimeSpan.Zero)
        {
            WriteProgress(StreamRecord.Ended(WaitProgressId, activity));
            return;
        }

        var progress = StreamRecord.Progress(WaitProgressId, activity, $"{wait.Text:long}");
        progress.SecondsRemaining = (int)Math.Ceiling(remaining.TotalSeconds);
        WriteProgress(progress);
    }

    /// <summary>Called by PowerShell on another thread when the pipeline is to stop.</summary>
    protected override void StopProcessing() => _stop.Cancel();

    /// <summary>Ends the work that still runs; PowerShell calls it whether the cmdlet completed or not.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the work that still runs.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _stop.Cancel();
        _stop.Dispose();
        _room.Dispose();
    }

    /// <summary>Asks for a request, after what is held; null for that alone.</summary>
    private bool TryAsk(PipelineRequest? request)
    {
        try
        {
            if (_requests is not { } requests)
                return false;
            lock (_order)
            {
                if (_held is { } held)
                {
                    _held = null;
                    requests.Add(held);
                }

                // What is emitted after this comes after it.
                if (request is not null && request != _open)
                {
                    _open?.Close();
                    _open = null;
                }

                if (request is not null)
                    requests.Add(request);
            }

            return true;
        }
        catch (Exception failure) when (failure is InvalidOperationException or ObjectDisposedException)
        {
            // The pipeline was stopped while the work was still ending.
            return false;
        }
    }

    private static void End(BlockingCollection<PipelineRequest> requests)
    {
        try
        {
            requests.CompleteAdding();
        }
        catch (ObjectDisposedException)
        {
            // The pipeline was stopped and did not wait any longer.
        }
    }

    private void Do(PipelineRequest request)
    {
        try
        {
            request.Do();
        }
        catch (Exception failure) when (failure is PipelineStoppedException || request is ObjectBatch)
        {
            WarnOf(request);
            throw;
        }
    }

    private void WarnOfWhatWasLost(BlockingCollection<PipelineRequest> requests)
    {
        while (requests.TryTake(out var request))
            WarnOf(request);
    }

    private void WarnOf(PipelineRequest request)
    {
        foreach (var text in request.Lost())
            WarnHost(_host, text);
    }

    private static void WaitForEnd(Task task)
    {
        // The pipeline has stopped, so its failure is not reported. The finalizer would report an unobserved one.
        task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        try
        {
            task.Wait(_graceAfterStop);
        }
        catch (AggregateException)
        {
            // It ended; how does not matter after a stop.
        }
    }
}
