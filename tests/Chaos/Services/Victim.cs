using System.Diagnostics;

namespace Meshia.Chaos.Tests;

/// <summary>A process that is killed at some moment, as a machine that loses its power or a container that is evicted.</summary>
internal sealed class Victim : IDisposable
{
    // Generous: a loaded build agent starts a process in seconds.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private Victim(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync(ChaosRun.Cancel);
    }

    /// <summary>Where `dotnet build` puts the module.</summary>
    public static string ModulePath { get; } = Path.Combine(Root, "out", "Meshia");

    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Meshia.psd1")) || folder.Name == "Meshia")
                folder = folder.Parent ?? throw new InvalidOperationException("This is not a clone of the repository.");
            return folder.FullName;
        }
    }

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    /// <summary>Starts a script in the real pwsh.</summary>
    /// <param name="folder">Where its files, its profiles and its state are.</param>
    /// <param name="script">PowerShell.</param>
    /// <param name="arguments">The script's arguments.</param>
    public static Victim StartScript(string folder, string script, params string[] arguments) => StartScriptWithin([], folder, script, arguments);

    /// <summary>Starts a script in the real pwsh, by another program.</summary>
    /// <param name="launcher">The program and its arguments; none for pwsh itself.</param>
    /// <param name="folder">Where its files, its profiles and its state are.</param>
    /// <param name="script">PowerShell.</param>
    /// <param name="arguments">The script's arguments.</param>
    public static Victim StartScriptWithin(string[] launcher, string folder, string script, params string[] arguments)
    {
        var path = Path.Combine(folder, "script.ps1");
        File.WriteAllText(path, script);
        var start = Meshia.Tests.Pwsh.Start(["-NonInteractive", "-File", path, .. arguments]);
        string[] command = [.. launcher, start.FileName, .. start.ArgumentList];
        start.FileName = command[0];
        start.ArgumentList.Clear();
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        start.WorkingDirectory = folder;
        start.Environment["PSModulePath"] = Path.GetDirectoryName(ModulePath);
        start.Environment["MESHIA_CONFIG_PATH"] = Path.Combine(folder, "config");
        foreach (var variable in new[] { "MESHIA_API_KEY", "MESHIA_BASE_URI" })
            start.Environment.Remove(variable);
        return new(start);
    }

    /// <summary>Starts a .NET program.</summary>
    public static Victim StartProgram(string library, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", library, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(start);
    }

    /// <summary>The next line that it prints; null at its end.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync(ChaosRun.Cancel).AsTask().WaitAsync(_patience, ChaosRun.Cancel);

    /// <summary>Waits for its end.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        var output = await _process.StandardOutput.ReadToEndAsync(ChaosRun.Cancel).WaitAsync(_patience, ChaosRun.Cancel);
        await _process.WaitForExitAsync(ChaosRun.Cancel).WaitAsync(_patience, ChaosRun.Cancel);
        return (_process.ExitCode, output, await _errors);
    }

    /// <summary>Kills it after a while, wherever it is then.</summary>
    public async Task KillAfterAsync(TimeSpan time)
    {
        await Task.WhenAny(Task.Delay(time, ChaosRun.Cancel), _process.WaitForExitAsync(ChaosRun.Cancel));
        _process.Kill();
        await _process.WaitForExitAsync(ChaosRun.Cancel);
    }

    /// <summary>Kills it with all processes that it has started.</summary>
    public void KillTree() => _process.Kill(entireProcessTree: true);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
