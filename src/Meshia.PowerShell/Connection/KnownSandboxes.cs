using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>The sandboxes that a session can reach: those that it started, and the detached ones of this user.</summary>
internal static class KnownSandboxes
{
    private static readonly ConditionalWeakTable<Runspace, List<RunningSandbox>> _started = new();

    /// <summary>Remembers a sandbox that a runspace started.</summary>
    public static void Add(Runspace runspace, RunningSandbox sandbox) => _started.GetOrCreateValue(runspace).Add(sandbox);

    /// <summary>Those that this session started and that run, then the detached ones; each time, the last one was started last.</summary>
    public static IReadOnlyList<RunningSandbox> All()
    {
        var mine = _started.GetOrCreateValue(Runspace.DefaultRunspace);
        mine.RemoveAll(sandbox => !sandbox.IsRunning);
        return [.. mine, .. DetachedSandboxFile.Read().Where(detached => mine.TrueForAll(sandbox => sandbox.ProcessId != detached.ProcessId))];
    }

    /// <summary>
    /// The sandbox to use if none is named: the one that this session started last, else the only detached one.
    /// </summary>
    /// <param name="baseUri">The address of the one that is meant, or null.</param>
    /// <param name="chooser">What names the one that is meant, for the error.</param>
    /// <exception cref="InvalidOperationException">There is none, or there are several.</exception>
    public static RunningSandbox Choose(Uri? baseUri = null, string chooser = "-BaseUri")
    {
        var all = All();
        if (baseUri is not null)
        {
            return all.LastOrDefault(sandbox => sandbox.BaseUri.Authority == baseUri.Authority)
                ?? throw new InvalidOperationException($"No known sandbox runs at {baseUri}. Running: {(all.Count == 0 ? "none" : string.Join(", ", all.Select(sandbox => sandbox.BaseUri)))}.");
        }

        if (_started.GetOrCreateValue(Runspace.DefaultRunspace).LastOrDefault() is { } last)
            return last;
        return all.Count switch
        {
            1 => all[0],
            0 => throw new InvalidOperationException("No sandbox runs. Start one: Start-MeshiaSandbox -Connect, or, for other processes too, Start-MeshiaSandbox -Detach"),
            _ => throw new InvalidOperationException($"{all.Count} sandboxes run: {string.Join(", ", all.Select(sandbox => sandbox.BaseUri))}. Choose one with {chooser}."),
        };
    }
}
