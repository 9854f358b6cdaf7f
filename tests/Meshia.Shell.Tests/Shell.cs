using System.Diagnostics;
using System.Text;

namespace Meshia.Shell.Tests;

internal sealed record Outcome(int ExitCode, string Output, string Error);

/// <summary>Runs the built shell as anyone would: a child process, a script file, three descriptors.</summary>
internal sealed class Shell : IDisposable
{
    private const string Escape = "\e";

    // Generous: a loaded build agent starts a process in seconds.
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string _assembly = Path.Combine(AppContext.BaseDirectory, "Meshia.Shell.dll");
    private static readonly string _standIn = Path.Combine(AppContext.BaseDirectory, "StandIn", "Meshia");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-shell-");

    internal static string[] Command { get; } = ["dotnet", "exec", _assembly];

    internal string Folder => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Writes a script into this test's own folder and gives its path.</summary>
    internal string Script(string text, string name = "script.ps1")
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    internal Task<Outcome> RunAsync(string script, params string[] arguments) => InvokeAsync([Script(script), .. arguments]);

    internal async Task<Outcome> InvokeAsync(string[] arguments, string input = "", string? modulePath = null)
    {
        using var process = Start([.. Command, .. arguments], modulePath ?? _standIn);
        return await EndAsync(process, input);
    }

    internal Process Start(string[] command, string? modulePath = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["MESHIA_MODULE_PATH"] = modulePath ?? _standIn;
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        return Process.Start(start)!;
    }

    internal static async Task<Outcome> EndAsync(Process process, string input = "")
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
            return new Outcome(process.ExitCode, Plain(await output), Plain(await error));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Plain(string text)
    {
        Assert.DoesNotContain(Escape, text, StringComparison.Ordinal);
        return text.ReplaceLineEndings("\n");
    }
}
