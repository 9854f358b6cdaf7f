using System.Runtime.ExceptionServices;

namespace Meshia;

/// <summary>The work of one download that goes on at the same time. The first failure ends all of it.</summary>
internal sealed class DownloadTasks : IDisposable
{
    private readonly object _lock = new();
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _end;
    private ExceptionDispatchInfo? _failure;

    /// <param name="stop">What else ends it.</param>
    public DownloadTasks(params CancellationToken[] stop) => _end = CancellationTokenSource.CreateLinkedTokenSource(stop);

    /// <summary>Is cancelled when the work is to end.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Ends the work, which is done.</summary>
    public void End() => _end.Cancel();

    public void Start(Func<Task> work)
    {
        var task = Task.Run(async () =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                lock (_lock)
                {
                    if (!_end.IsCancellationRequested)
                        _failure = ExceptionDispatchInfo.Capture(failure);
                    _end.Cancel();
                }
            }
        });
        lock (_lock)
            _running.Add(task);
    }

    /// <summary>Waits until all work has ended, and throws the first failure.</summary>
    public async Task WaitAsync()
    {
        while (NextRunning() is { } task)
            await task.ConfigureAwait(false);
        _failure?.Throw();
    }

    public void Dispose() => _end.Dispose();

    private Task? NextRunning()
    {
        lock (_lock)
            return _running.Find(task => !task.IsCompleted);
    }
}
