namespace Meshia.Benchmarks;

/// <summary>The methods that .NET compiles while a one-shot runs. They do not depend on what else the machine does.</summary>
internal static class MethodsRow
{
    private const int MostTries = 5;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        using var server = await ListServer.StartAsync(20);
        var all = await CountAsync(bench, "methods", Bench.ImportModule + OneShotRow.List, server.BaseUri);
        var rest = await CountAsync(bench, "methods-rest", OneShotRow.Rest, server.BaseUri);
        var empty = await CountAsync(bench, "methods-empty", "1", server.BaseUri);
        return [Row.OfValues("… methods compiled", "", [all], 800, $"Invoke-RestMethod: {rest}, empty pwsh: {empty}")];
    }

    private static async Task<int> CountAsync(Bench bench, string name, string script, string baseUri)
    {
        var shell = bench.Shell(name);
        var list = Path.Combine(bench.Folder, $"{name}.txt");
        // PowerShell compiles more while it writes its caches.
        if (!bench.IsQuick)
            await shell.RunAsync(script, baseUri);
        for (var tries = 1; ; tries++)
        {
            try
            {
                await shell.RunAsync(script, baseUri, start =>
                {
                    start.Environment["DOTNET_JitStdOutFile"] = list;
                    start.Environment["DOTNET_JitDisasmSummary"] = "1";
                });
                break;
            }
            catch (InvalidOperationException) when (tries < MostTries)
            {
                // .NET may crash as the process ends, while a thread still writes the list; so does a pwsh without the module.
                File.Delete(list);
            }
        }

        return File.ReadLines(list).Count(line => !line.Contains("Tier1", StringComparison.Ordinal));
    }
}
