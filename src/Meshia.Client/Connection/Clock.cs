namespace Meshia;

/// <summary>The two uses of <see cref="TimeProvider"/> whose form differs between the target frameworks.</summary>
internal static class Clock
{
#if NET
    public static Task WaitAsync(this TimeProvider clock, TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, clock, cancellationToken);

    public static CancellationTokenSource CancelAfter(this TimeProvider clock, TimeSpan delay) => new(delay, clock);
#else
    public static Task WaitAsync(this TimeProvider clock, TimeSpan delay, CancellationToken cancellationToken) => clock.Delay(delay, cancellationToken);

    public static CancellationTokenSource CancelAfter(this TimeProvider clock, TimeSpan delay) => clock.CreateCancellationTokenSource(delay);
#endif
}
