using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Sessions;
using Meshia.Sandbox.Webhooks;

namespace Meshia.Sandbox.Time;

/// <summary>
/// Moves the clock, not in one jump but to what falls due next, again and again: sessions change at their times, and what
/// webhooks are told is delivered before the clock goes on.
/// </summary>
internal sealed class Stepping(SessionLifecycle sessions, WebhookSender webhooks, LateRequests late, SandboxClock clock) : IDisposable
{
    /// <summary>Longer than any plan runs: what is not idle by then never will be.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(366);

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>What is due while the clock runs by itself. Returns at once where a step is under way.</summary>
    public async Task DoDueAsync(CancellationToken stopping)
    {
        if (!await _one.WaitAsync(0, stopping))
            return;
        try
        {
            sessions.Advance();
            await late.RunDueAsync();
            webhooks.SendDue(stopping);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Moves the clock to a time, or, without one, until nothing is due any more.</summary>
    /// <returns>How often something was due.</returns>
    public async Task<int> StepAsync(DateTimeOffset? to, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        var stoodStill = clock.StandsStill;
        try
        {
            // Held while it steps: what happens within the step has the times of the step.
            if (!stoodStill)
                clock.StandStill(true);
            var end = to ?? clock.Now + _longest;
            for (var count = 0; ; count++)
            {
                await DoAllAsync(cancellationToken);
                var next = Earliest(sessions.NextDue(), webhooks.NextDue(), late.NextDue);
                if (next is null || next > end)
                {
                    if (to is not null)
                        clock.JumpTo(end);
                    return count;
                }

                clock.JumpTo(next.Value);
            }
        }
        finally
        {
            if (!stoodStill)
                clock.StandStill(false);
            _one.Release();
        }
    }

    /// <summary>Runs work while nothing else moves: no step, no delivery.</summary>
    public async Task<T> AloneAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            await webhooks.FinishAsync();
            return work();
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task DoAllAsync(CancellationToken cancellationToken)
    {
        sessions.Advance();
        await late.RunDueAsync();
        sessions.Advance();
        await webhooks.DrainAsync(cancellationToken);
    }

    private static DateTimeOffset? Earliest(params ReadOnlySpan<DateTimeOffset?> times)
    {
        DateTimeOffset? earliest = null;
        foreach (var time in times)
            earliest = earliest is null || time < earliest ? time ?? earliest : earliest;
        return earliest;
    }
}
