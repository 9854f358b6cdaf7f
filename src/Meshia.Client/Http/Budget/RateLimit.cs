namespace Meshia;

/// <summary>What is left of the requests a minute that all processes of a user on this machine share for one key, and who waits.</summary>
public sealed class RateLimit
{
    internal RateLimit(Uri baseUri, BudgetState state, IReadOnlyList<RateLimitCommand> commands)
    {
        (BaseUri, Commands) = (baseUri, commands);
        (Limit, Used, IsShared, IsStopWaiting) = (state.Limit, state.Used, state.IsShared, state.IsStopWaiting);
        (PollsLeft, ReadsLeft, CreatesLeft, StopsLeft) = (state.PollsLeft, state.ReadsLeft, state.CreatesLeft, state.StopsLeft);
        PausedFor = state.PausedFor > TimeSpan.Zero ? state.PausedFor : null;
    }

    /// <summary>Where the service is.</summary>
    public Uri BaseUri { get; }

    /// <summary>Requests a minute: 60, or what <c>MESHIA_REQUESTS_PER_MINUTE</c> says.</summary>
    public int Limit { get; }

    /// <summary>Requests of the last minute, of all processes of this machine.</summary>
    public int Used { get; }

    /// <summary>Looks of a Wait- cmdlet that can be sent now. They use at most half of the limit.</summary>
    public int PollsLeft { get; }

    /// <summary>Other reads that can be sent now.</summary>
    public int ReadsLeft { get; }

    /// <summary>Requests that create or change something and that can be sent now.</summary>
    public int CreatesLeft { get; }

    /// <summary>Stops and deletes that can be sent now. They may use all of the limit.</summary>
    public int StopsLeft { get; }

    /// <summary>How long no process on this machine sends with the key after a 429; null if there is no such pause.</summary>
    public TimeSpan? PausedFor { get; }

    /// <summary>Whether a stop waits somewhere on this machine: all other requests let it go first.</summary>
    public bool IsStopWaiting { get; }

    /// <summary>Whether the processes of this machine share the limit. Where the file for it cannot be used, each process keeps the limit alone.</summary>
    public bool IsShared { get; }

    /// <summary>What each command of this process has sent, and how many of its requests wait.</summary>
    public IReadOnlyList<RateLimitCommand> Commands { get; }

    /// <summary>As in <c>12 of 60</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Used} of {Limit}");
}

/// <summary>The requests of one command of this process.</summary>
public sealed class RateLimitCommand
{
    internal RateLimitCommand(string command, long sent, int waiting) => (Command, Sent, Waiting) = (command, sent, waiting);

    /// <summary>The command, as in <c>Get-MeshiaSession</c>; <c>other</c> for what no command sent.</summary>
    public string Command { get; }

    /// <summary>Requests that it has sent since the process began.</summary>
    public long Sent { get; }

    /// <summary>Requests of it that wait for their turn now.</summary>
    public int Waiting { get; }

    /// <summary>As in <c>Get-MeshiaSession: 3</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Command}: {Sent}{(Waiting > 0 ? $" ({Waiting} waiting)" : "")}");
}
