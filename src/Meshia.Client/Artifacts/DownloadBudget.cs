namespace Meshia;

/// <summary>
/// The tries and the time that all connections of one download share, whether they ask the service for an address or the
/// storage for bytes. What arrives renews both: the tries with each byte, the time with each <see cref="LeastBytes"/>.
/// </summary>
internal sealed class DownloadBudget : IDisposable
{
    /// <summary>What must arrive within the total time. One byte now and then would else keep a download alive for ever.</summary>
    internal const int LeastBytes = 64 * 1024;

    private readonly MeshiaClientOptions _settings;
    private readonly CancellationTokenSource _spent = new();
    private readonly ITimer _deadline;
    private long _renewedAt;
    private long _bytes;
    private long _bytesAtRenewal;
    private int _diskWork;
    private int _tries;
    private int _fruitless;

    /// <param name="settings">Retries, total time and clock.</param>
    /// <param name="maxRetries">How often a try may be repeated; as the settings say where null.</param>
    public DownloadBudget(MeshiaClientOptions settings, int? maxRetries)
    {
        _settings = settings;
        MaxRetries = Math.Min(maxRetries ?? settings.MaxRetries, settings.MaxRetries);
        _renewedAt = settings.TimeProvider.GetTimestamp();
        _deadline = settings.TimeProvider.CreateTimer(static budget => ((DownloadBudget)budget!).CheckDeadline(), this, settings.TotalTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many tries in a row may bring nothing, after the first.</summary>
    public int MaxRetries { get; }

    /// <summary>Is cancelled when nothing has come for the total time.</summary>
    public CancellationToken Spent => _spent.Token;

    /// <summary>How many bytes were fetched.</summary>
    public long BytesFetched => Interlocked.Read(ref _bytes);

    /// <summary>How often the storage was asked.</summary>
    public int Tries => Volatile.Read(ref _tries);

    /// <summary>How many tries in a row brought nothing.</summary>
    public int FruitlessTries => Volatile.Read(ref _fruitless);

    private TimeSpan TimeLeft => _settings.TotalTimeout - _settings.TimeProvider.GetElapsedTime(Interlocked.Read(ref _renewedAt));

    public void CountTry() => Interlocked.Increment(ref _tries);

    /// <summary>Counts a try that brought nothing.</summary>
    public void CountFruitless() => Interlocked.Increment(ref _fruitless);

    public void AddBytes(int count)
    {
        Interlocked.Add(ref _bytes, count);
        Volatile.Write(ref _fruitless, 0);
        if (BytesFetched - Interlocked.Read(ref _bytesAtRenewal) >= LeastBytes)
            Renew();
    }

    /// <summary>Stops the clock while the disk works, which is no fault of the storage.</summary>
    /// <returns>What lets it go on.</returns>
    public DiskPause PauseForDisk()
    {
        Interlocked.Increment(ref _diskWork);
        return new(this);
    }

    /// <summary>Whether another try may follow after a wait.</summary>
    public bool Allows(TimeSpan? wait) => FruitlessTries <= MaxRetries && (wait ?? TimeSpan.Zero) < TimeLeft;

    public MeshiaException TimedOut(Artifact artifact, MeshiaException? last)
    {
        var before = last is null ? null : (DisplayText)$" {last.Message:long}";
        return new(MeshiaFailure.TimedOut, "timed_out", $"Almost no bytes of artifact {artifact.Id} arrived for {_settings.TotalTimeout.TotalSeconds:0.#} s.{before}", last)
        {
            RecommendedAction = "Check the network, then run the same command again to continue.",
            Attempts = Tries,
        };
    }

    public void Dispose()
    {
        _deadline.Dispose();
        _spent.Dispose();
    }

    private void Renew()
    {
        Interlocked.Exchange(ref _bytesAtRenewal, BytesFetched);
        Interlocked.Exchange(ref _renewedAt, _settings.TimeProvider.GetTimestamp());
    }

    private void CheckDeadline()
    {
        try
        {
            if (Volatile.Read(ref _diskWork) > 0)
                _deadline.Change(_settings.TotalTimeout, Timeout.InfiniteTimeSpan);
            else if (TimeLeft is var left && left > TimeSpan.Zero)
                _deadline.Change(left, Timeout.InfiniteTimeSpan);
            else
                _spent.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The download ended at the same moment.
        }
    }

    /// <summary>A time in which the disk works.</summary>
    internal readonly struct DiskPause(DownloadBudget budget) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref budget._diskWork);
    }
}
