using System.Diagnostics;
using Meshia.Tests;

namespace Meshia.Benchmarks;

/// <summary>Runs scripts, each in a new pwsh. PowerShell's own caches are in a folder that no other variant uses.</summary>
internal sealed class Shell(string folder)
{
    /// <param name="script">What to run.</param>
    /// <param name="baseUri">The service, which the script finds in MESHIA_BASE_URI.</param>
    /// <param name="configure">More of the environment.</param>
    public async Task<ShellRun> RunAsync(string script, string baseUri, Action<ProcessStartInfo>? configure = null)
    {
        var path = Path.Combine(folder, "script.ps1");
        await File.WriteAllTextAsync(path, "$ErrorActionPreference = 'Stop'\n" + script);
        var start = Pwsh.Start("-NonInteractive", "-File", path);
        foreach (var name in new[] { "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME" })
            start.Environment[name] = Path.Combine(folder, name);
        Directory.CreateDirectory(start.Environment["HOME"]!);
        start.Environment["MESHIA_BASE_URI"] = baseUri;
        // A key for each run: the processes of a key share its requests a minute.
        start.Environment["MESHIA_API_KEY"] = $"msh_{Guid.NewGuid():N}";
        configure?.Invoke(start);
        var before = ChildTime.OfEnded();
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var wall = watch.Elapsed;
        return process.ExitCode == 0 && (await error).Length == 0
            ? new(OperatingSystem.IsWindows() ? process.TotalProcessorTime : ChildTime.OfEnded() - before, wall, output)
            : throw new InvalidOperationException($"The shell ended with {process.ExitCode}: {await error}");
    }
}

/// <summary>One shell that has ended.</summary>
internal sealed record ShellRun(TimeSpan Cpu, TimeSpan Wall, string Output);
