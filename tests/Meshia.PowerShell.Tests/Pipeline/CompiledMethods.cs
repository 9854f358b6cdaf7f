using System.Diagnostics;

namespace Meshia.PowerShell.Tests;

/// <summary>The methods that .NET compiles for one request in a new process. Unlike a time, they do not depend on what else the machine does.</summary>
internal static class CompiledMethods
{
    private const int MostTries = 5;

    // SIGABRT and SIGSEGV: a thread of .NET still writes the list when the process has closed it. A pwsh without the module ends so too.
    private static readonly int[] _crashes = [134, 139];

    /// <summary>Lists one session in a new pwsh.</summary>
    /// <param name="configure">More of the environment.</param>
    /// <returns>The methods, without those that are compiled again for speed.</returns>
    public static async Task<IReadOnlyList<string>> OfOneRequestAsync(Action<ProcessStartInfo>? configure = null)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.List([SessionJson.Of("sess_1")], null)));
        using var shell = new ShellProcess();
        var list = Path.Combine(shell.Folder, "methods.txt");
        var exitCode = 0;
        for (var tries = 0; tries < MostTries; tries++)
        {
            File.Delete(list);
            (exitCode, var output, var error) = await shell.RunAsync(
                """
                param($BaseUri, $Key)
                Connect-Meshia -ApiKey $Key -BaseUri $BaseUri
                (Get-MeshiaSession).Id
                """,
                start =>
                {
                    start.Environment["DOTNET_JitStdOutFile"] = list;
                    start.Environment["DOTNET_JitDisasmSummary"] = "1";
                    start.Environment["DOTNET_TieredCompilation"] = "1";
                    // No second compilation in the background, which would count too.
                    start.Environment["DOTNET_TC_CallCounting"] = "0";
                    configure?.Invoke(start);
                },
                service.BaseUri.AbsoluteUri,
                ModuleSession.NewKey());
            Assert.Equal(("sess_1\n", ""), (output, error));
            if (!_crashes.Contains(exitCode))
                break;
        }

        Assert.Equal(0, exitCode);
        return [.. File.ReadLines(list).Where(line => !line.Contains("Tier1", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("compiled ", StringComparison.Ordinal) + "compiled ".Length)..line.LastIndexOf(" [", StringComparison.Ordinal)])];
    }

    /// <summary>Those that the module causes: its own, and those of .NET that belong to its types.</summary>
    public static IReadOnlyList<string> OfModule(IReadOnlyList<string> methods)
    {
        var own = methods.Where(method => method.Contains("Meshia", StringComparison.Ordinal)).Distinct().ToList();
        TestContext.Current.TestOutputHelper!.WriteLine($"{methods.Count} methods, {own.Count} of the module");
        Assert.NotEmpty(own);
        return own;
    }
}
