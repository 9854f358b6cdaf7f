using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>A script in a <c>pwsh</c> process of its own, which finds the built module by its name.</summary>
internal sealed class ShellProcess : IDisposable
{
    // Generous: a loaded build agent starts a process in seconds.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-module-");

    /// <summary>This test's own folder, where the script runs.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Runs a script to its end.</summary>
    /// <param name="script">PowerShell.</param>
    /// <param name="change">Changes how the process is started.</param>
    /// <param name="arguments">The script's arguments.</param>
    public async Task<(int ExitCode, string Output, string Error)> RunAsync(string script, Action<ProcessStartInfo>? change = null, params string[] arguments)
    {
        using var process = Start(Write(script), change, arguments);
        return await EndAsync(process);
    }

    /// <summary>Starts a script file.</summary>
    public Process Start(string path, Action<ProcessStartInfo>? change = null, params string[] arguments)
    {
        var start = Pwsh.Start(["-NonInteractive", "-File", path, .. arguments]);
        start.WorkingDirectory = Folder;
        ImportFrom(start, ModuleSession.ModulePath);
        start.Environment["MESHIA_CONFIG_PATH"] = Folder;
        start.Environment.Remove("MESHIA_API_KEY");
        start.Environment.Remove("MESHIA_BASE_URI");
        change?.Invoke(start);
        return Process.Start(start)!;
    }

    /// <summary>Has the process find the module in this folder when a script uses one of its cmdlets.</summary>
    public static void ImportFrom(ProcessStartInfo start, string module) => start.Environment["PSModulePath"] = Path.GetDirectoryName(module);

    public string Write(string script)
    {
        var path = Path.Combine(Folder, "script.ps1");
        File.WriteAllText(path, script);
        return path;
    }

    public static async Task<(int ExitCode, string Output, string Error)> EndAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>An error as it was written: pwsh breaks it into lines of the terminal's width, with a bar before each.</summary>
    public static string Unwrap(string error) => Regex.Replace(error, @"\s+(\| )?", " ");

    /// <summary>Copies the module into this test's folder: by default to where a repository of runbooks has it.</summary>
    /// <returns>Where it is.</returns>
    public string CopyModule(string folder = "modules", bool withSandbox = false)
    {
        var destination = Path.Combine(Folder, folder, "Meshia");
        Copy(new DirectoryInfo(ModuleSession.ModulePath), destination);
        if (withSandbox)
            Copy(new DirectoryInfo(ModuleSession.SandboxModulePath), $"{destination}.Sandbox");
        return destination;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Copy(DirectoryInfo folder, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (var file in folder.EnumerateFiles())
            file.CopyTo(Path.Combine(destination, file.Name));
        foreach (var inner in folder.EnumerateDirectories())
            Copy(inner, Path.Combine(destination, inner.Name));
    }
}
