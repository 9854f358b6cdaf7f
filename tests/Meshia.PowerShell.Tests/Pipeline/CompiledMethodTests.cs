namespace Meshia.PowerShell.Tests;

/// <summary>How much of the module .NET has to compile for one request in a new process. Unlike a time, that does not depend on what else the machine does.</summary>
public sealed class CompiledMethodTests
{
    /// <summary>A little more than it takes now. A Release build takes more of them, since its asynchronous methods are structures.</summary>
#if DEBUG
    private const int MostMethods = 660;
#else
    private const int MostMethods = 800;
#endif

    [Fact]
    public async Task One_request_compiles_few_methods_and_does_not_load_what_repeats_requests()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(SessionJson.List([SessionJson.Of("sess_1")], null)));
        using var shell = new ShellProcess();
        var list = Path.Combine(shell.Folder, "methods.txt");

        var (exitCode, output, error) = await shell.RunAsync(
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
                // No second compilation in the background: one that runs as the process ends may crash the list.
                start.Environment["DOTNET_TC_CallCounting"] = "0";
            },
            service.BaseUri.AbsoluteUri,
            ModuleSession.NewKey());

        Assert.Equal((0, "sess_1\n", ""), (exitCode, output, error));
        var methods = File.ReadLines(list).Where(line => !line.Contains("Tier1", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("compiled ", StringComparison.Ordinal) + "compiled ".Length)..line.LastIndexOf(" [", StringComparison.Ordinal)]).Distinct().ToList();
        var own = methods.Where(method => method.Contains("Meshia", StringComparison.Ordinal)).ToList();
        TestContext.Current.TestOutputHelper!.WriteLine($"{methods.Count} methods, {own.Count} of the module");
        Assert.NotEmpty(own);
        Assert.DoesNotContain(methods, method => method.Contains("Polly", StringComparison.Ordinal));
        Assert.True(own.Count <= MostMethods, $"{own.Count} methods of the module were compiled.");
    }
}
