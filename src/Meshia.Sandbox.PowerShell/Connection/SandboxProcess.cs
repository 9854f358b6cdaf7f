using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;
using System.Text;

namespace Meshia.PowerShell;

/// <summary>The sandbox's process. It ends when its standard input does, so it never outlives its owner, however that ends.</summary>
internal sealed class SandboxProcess
{
    private const string Assembly = "Meshia.Sandbox.dll";
    private const string HowToInstall = "The sandbox needs the .NET 10 runtime with ASP.NET Core, and `dotnet` on the PATH. Download it from https://dotnet.microsoft.com/download/dotnet/10.0 (ASP.NET Core Runtime), then try again. The module Meshia does not need it.";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _patienceAtEnd = TimeSpan.FromSeconds(5);
    private static readonly ConcurrentDictionary<int, SandboxProcess> _running = new();

    private readonly Process _process;
    private readonly Guid _runspace;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<bool> _errorsEnded = new();

    private SandboxProcess(Process process, Guid runspace) => (_process, _runspace) = (process, runspace);

    /// <summary>The processes that a runspace started and that still run; those of another runspace are not its business.</summary>
    public static IEnumerable<int> RunningOf(Runspace runspace) =>
        _running.Where(pair => pair.Value._runspace == runspace.InstanceId && !pair.Value._process.HasExited).Select(pair => pair.Key);

    /// <summary>Starts a sandbox and waits until it is ready.</summary>
    /// <param name="runspace">Whose it is.</param>
    /// <param name="arguments">Its options.</param>
    /// <param name="apiKey">The key that it takes; handed over in its environment, which other users cannot read.</param>
    /// <param name="cancellationToken">Ends the waiting, and the process.</param>
    /// <returns>The line that it prints when it is ready.</returns>
    /// <exception cref="SandboxException">It does not start; the message says why and what to do.</exception>
    public static async Task<string> StartAsync(Runspace runspace, IReadOnlyList<string> arguments, string apiKey, CancellationToken cancellationToken)
    {
        var sandbox = Start(["--exit-with-stdin", .. arguments], apiKey, runspace.InstanceId);
        _running[sandbox._process.Id] = sandbox;
        // Once for each runspace, however many sandboxes it starts.
        runspace.StateChanged -= StopWithRunspace;
        runspace.StateChanged += StopWithRunspace;
        try
        {
            return await sandbox.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Stop(sandbox._process.Id);
            throw;
        }
    }

    /// <summary>Starts a sandbox that continues when this process ends, and waits until it is ready.</summary>
    /// <returns>The line that it prints when it is ready.</returns>
    /// <exception cref="SandboxException">It does not start; the message says why and what to do.</exception>
    public static async Task<string> StartDetachedAsync(IReadOnlyList<string> arguments, string apiKey, CancellationToken cancellationToken)
    {
        // What is started here only starts the sandbox, and ends when that is ready.
        var starter = Start(["--detach", .. arguments], apiKey, Guid.Empty);
        using (starter._process)
            return await starter.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
    }

    private static SandboxProcess Start(IReadOnlyList<string> arguments, string apiKey, Guid runspace)
    {
        var path = FindService();
        if (!File.Exists(path))
            throw new SandboxException(ErrorCategory.NotInstalled, $"The sandbox is missing from the module: {path}. Install the module again.");
        var program = ProgramPath.Find("dotnet") ?? throw new SandboxException(ErrorCategory.NotInstalled, $"dotnet was not found. {HowToInstall}");
        var start = new ProcessStartInfo(program, string.Join(" ", new[] { path }.Concat(arguments).Select(Quote)))
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MESHIA_SANDBOX_KEY"] = apiKey;
        foreach (var name in CurrentConnection.SecretVariables)
            start.Environment.Remove(name);

        try
        {
            return new SandboxProcess(Process.Start(start)!, runspace);
        }
        catch (Win32Exception failure)
        {
            throw new SandboxException(ErrorCategory.NotInstalled, $"{program} cannot be started: {failure.Message} {HowToInstall}", failure);
        }
    }

    /// <summary>The service; compiled ahead of time, if the package has that for this system.</summary>
    private static string FindService()
    {
        var folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(SandboxProcess).Assembly.Location)!, "..", "service"));
#if NET
        var system = RuntimeInformation.RuntimeIdentifier;
#else
        const string system = "win-x64";
#endif
        var compiled = Path.Combine(folder, system, Assembly);
        // An x64 process may run on a system of another architecture, whose dotnet is of that.
        return RuntimeInformation.OSArchitecture == Architecture.X64 && File.Exists(compiled) ? compiled : Path.Combine(folder, Assembly);
    }

    /// <summary>Ends a sandbox.</summary>
    /// <returns>False where this module started no such process, or it has ended already.</returns>
    public static bool Stop(int processId)
    {
        if (!_running.TryRemove(processId, out var sandbox))
            return false;
        using (sandbox._process)
        {
            if (sandbox._process.HasExited)
                return false;
            sandbox._process.StandardInput.Close();
            if (!sandbox._process.WaitForExit((int)_patienceAtEnd.TotalMilliseconds))
                sandbox._process.Kill();
            return true;
        }
    }

    public static void StopAllOf(Runspace runspace)
    {
        foreach (var processId in RunningOf(runspace))
            Stop(processId);
    }

    private static void StopWithRunspace(object? sender, RunspaceStateEventArgs change)
    {
        if (sender is Runspace runspace && change.RunspaceStateInfo.State is (RunspaceState.Closed or RunspaceState.Broken))
            StopAllOf(runspace);
    }

    private async Task<string> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                _errorsEnded.TrySetResult(true);
            lock (_errors)
            {
                if (line.Data is not null && _errors.Length < 4096)
                    _errors.AppendLine(line.Data);
            }
        };
        _process.BeginErrorReadLine();
        var reading = _process.StandardOutput.ReadLineAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(reading, Task.Delay(_patience, end.Token)).ConfigureAwait(false);
        end.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
        if (first != reading)
            throw new SandboxException(ErrorCategory.OperationTimeout, $"The sandbox was not ready within {_patience.TotalSeconds} s. {Errors}");
        if (await reading.ConfigureAwait(false) is { } line)
            return line;
        // Standard output has ended; what standard error says of the reason may come later.
        await Task.WhenAny(_errorsEnded.Task, Task.Delay(_patienceAtEnd, cancellationToken)).ConfigureAwait(false);
        var missesRuntime = Errors.Contains("framework") && Errors.Contains("Microsoft.");
        throw missesRuntime
            ? new SandboxException(ErrorCategory.NotInstalled, $"The .NET runtime is missing or too old. {HowToInstall}")
            : new SandboxException(ErrorCategory.OpenError, $"The sandbox ended at once: {Errors}");
    }

    private string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString().Trim();
        }
    }

    /// <summary>Quotes an argument as every .NET program reads it back: a backslash counts only before a quote.</summary>
    private static string Quote(string argument)
    {
        var quoted = System.Text.RegularExpressions.Regex.Replace(argument, @"(\\*)""", @"$1$1\""");
        return $"\"{System.Text.RegularExpressions.Regex.Replace(quoted, @"(\\+)$", "$1$1")}\"";
    }
}

/// <summary>A sandbox that did not start; the message says why and what to do.</summary>
internal sealed class SandboxException(ErrorCategory category, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public ErrorCategory Category { get; } = category;
}
