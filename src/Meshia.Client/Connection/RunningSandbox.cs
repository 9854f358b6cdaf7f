using System.ComponentModel;
using System.Diagnostics;

namespace Meshia;

/// <summary>A sandbox on this machine: where it is, and the key that it takes.</summary>
internal sealed class RunningSandbox
{
    /// <summary>The start time of a process, read by two processes, differs by a little.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(5);

    /// <summary>Its process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Its address, with the path of the API.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>Where it keeps its state, or null if that goes with it.</summary>
    public string? DataPath { get; init; }

    /// <summary>When its process was started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Whether it continues when the session that started it ends.</summary>
    public bool IsDetached { get; init; }

    /// <summary>The key that it takes; null if only the user knows it.</summary>
    public ApiKey? Key { get; init; }

    /// <summary>Whether its process still runs: one that has only its number is another.</summary>
    public bool IsRunning => Find() is not null;

    /// <summary>Its process; null if it has ended.</summary>
    public Process? Find()
    {
        try
        {
            var process = Process.GetProcessById(ProcessId);
            if (!process.HasExited && (process.StartTime.ToUniversalTime() - StartedAt.UtcDateTime).Duration() < _tolerance)
                return process;
            process.Dispose();
            return null;
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }
}
