using System.Collections.Concurrent;
#if NET
using System.Runtime.InteropServices;
#endif

namespace Meshia.PowerShell;

/// <summary>
/// The sessions that this process stops: at their deadline, and some of them when it ends. PowerShell runs no
/// <c>finally</c> block on SIGTERM and SIGHUP, so a handler of the signals stops them; the <see cref="Guard"/> does where
/// the process is killed.
/// </summary>
internal static class SessionKeeper
{
    /// <summary>A runner that cancels a job kills it a little later.</summary>
    private static readonly TimeSpan _longestStop = TimeSpan.FromSeconds(6);

    /// <summary>How long the last request may take, when the process ends.</summary>
    private static readonly TimeSpan _longestCall = TimeSpan.FromSeconds(5);

    private static readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private static readonly object _gate = new();
#if NET
    private static readonly List<PosixSignalRegistration> _signals = [];
#endif
    private static bool _isPrepared;

    /// <summary>Gets ready to stop sessions however this process ends, before one is created.</summary>
    /// <param name="client">The client of the account.</param>
    /// <returns>What does not protect here, or null.</returns>
    public static string? Prepare(MeshiaClient client)
    {
        lock (_gate)
        {
            if (!_isPrepared)
            {
                _isPrepared = true;
                AppDomain.CurrentDomain.ProcessExit += static (_, _) => StopAll();
#if NET
                // Cancel stays false: the process ends with its usual status afterwards.
                _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, static _ => StopAll()));
                _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, static _ => StopAll()));
#endif
            }
        }

        return Guard.Start() ?? Guard.CannotProtect(client);
    }

    /// <summary>Keeps a session until it is let go.</summary>
    /// <param name="client">The client of its account.</param>
    /// <param name="session">The session.</param>
    /// <param name="untilExit">Whether it is stopped when the process ends.</param>
    /// <param name="command">The command that started it.</param>
    public static void Keep(MeshiaClient client, Session session, bool untilExit, string? command)
    {
        if (!untilExit && session.Deadline is null)
            return;
        _kept[session.Id] = new(client, session.Id, untilExit, command, TimerOf(client, session, command));
        if (untilExit)
            Guard.Add(client, session.Id);
    }

    /// <summary>Lets a session go that was stopped.</summary>
    public static void LetGo(string id)
    {
        if (_kept.TryRemove(id, out var kept))
            kept.Timer?.Dispose();
        Guard.Remove(id);
    }

    /// <summary>Uses the key that a vault keeps now, for sessions that were started with one that the service refuses.</summary>
    /// <param name="service">The address of the service.</param>
    /// <param name="refused">The key that is refused.</param>
    /// <param name="renewed">The other key.</param>
    public static void Renew(Uri service, ApiKey refused, ApiKey renewed)
    {
        foreach (var kept in _kept.Values.Where(kept => kept.Client.BaseUri == service && kept.Client.Transport.Key.Reveal() == refused.Reveal()))
            kept.Client.Transport.Key = renewed;
        Guard.Renew(service, refused, renewed);
    }

    private static Timer? TimerOf(MeshiaClient client, Session session, string? command)
    {
        if (session.Deadline is not { } deadline)
            return null;
        var wait = deadline - client.Transport.Service.Now;
        return new(static state => _ = StopAsync((Kept)state!, null), new Kept(client, session.Id, false, command, null), wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private static async Task StopAsync(Kept kept, TimeSpan? patience)
    {
        if (await TryStopAsync(kept, patience).ConfigureAwait(false))
            LetGo(kept.Id);
    }

    private static void StopAll()
    {
        var stops = _kept.Values.Where(kept => kept.UntilExit).Select(kept => Task.Run(() => StopAsync(kept, _longestCall))).ToArray();
        if (stops.Length > 0)
            Task.WaitAll(stops, _longestStop);
    }

    private static async Task<bool> TryStopAsync(Kept kept, TimeSpan? patience)
    {
        try
        {
            await kept.Client.StopSessionAsync(kept.Id, new() { Timeout = patience, Command = kept.Command, Observer = static _ => { } }).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is MeshiaException or OperationCanceledException or ObjectDisposedException)
        {
            // No one can be told now. The guard, the sweep and the idle stop of the service remain.
            return false;
        }
    }

    private sealed record Kept(MeshiaClient Client, string Id, bool UntilExit, string? Command, Timer? Timer);
}
