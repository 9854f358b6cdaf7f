using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Meshia.Client.Tests;

/// <summary>
/// A clock that stands still until a test moves it, except that a wait before a retry passes at once and is written
/// down. Time-outs are told from waits by their length, which no wait of a test has.
/// </summary>
internal sealed class TestClock : FakeTimeProvider
{
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(101);

    private readonly ConcurrentQueue<TimeSpan> _waits = new();
    private int _timeOuts;

    public TestClock()
        : base(new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public static TimeSpan TotalTimeout { get; } = TimeSpan.FromSeconds(307);

    /// <summary>How long a test waits for sessions and experiments.</summary>
    public static TimeSpan WaitTimeout { get; } = TimeSpan.FromSeconds(1009);

    /// <summary>Whether waits pass by themselves.</summary>
    public bool PassesWaits { get; init; } = true;

    /// <summary>The waits so far, in seconds.</summary>
    public IReadOnlyList<double> Waits => [.. _waits.Select(wait => wait.TotalSeconds)];

    /// <summary>How many time-outs have been set.</summary>
    public int TimeOuts => Volatile.Read(ref _timeOuts);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == RequestTimeout || dueTime == TotalTimeout || dueTime == WaitTimeout)
        {
            Interlocked.Increment(ref _timeOuts);
        }
        else if (dueTime > TimeSpan.Zero)
        {
            _waits.Enqueue(dueTime);
            if (PassesWaits)
                ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        }

        return timer;
    }
}
