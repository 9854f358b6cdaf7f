using System.Diagnostics;
using System.Globalization;
using Meshia.Tests;

namespace Meshia.Benchmarks;

/// <summary>How long the import of the module takes in a new session, beside that of an empty module.</summary>
internal static class ImportBenchmark
{
    private const int Rounds = 15;
    private const double MostMilliseconds = 60;

    /// <param name="shell">The path of a pwsh; null for the pinned one.</param>
    /// <returns>0 where the goal is reached.</returns>
    public static async Task<int> RunAsync(string? shell)
    {
        var folder = Directory.CreateTempSubdirectory("meshia-benchmark-");
        try
        {
            var empty = Path.Combine(folder.FullName, "Empty.psd1");
            await File.WriteAllTextAsync(empty, "@{ ModuleVersion = '1.0' }");
            var (ours, others) = (new List<double>(), new List<double>());
            for (var round = 0; round <= Rounds; round++)
            {
                others.Add(await ImportAsync(shell, empty));
                ours.Add(await ImportAsync(shell, Path.Combine(BuiltModule.Folder, "Meshia.psd1")));
            }

            var added = Median(ours) - Median(others);
            Console.WriteLine(FormattableString.Invariant($"| import into {Path.GetFileName(shell) ?? "the pinned pwsh"} | {Median(ours):0} ms | {Median(others):0} ms | {added:0} ms | ≤ {MostMilliseconds} ms |"));
            return added <= MostMilliseconds ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Script(string module) =>
        $"$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module -Name '{module.Replace("'", "''", StringComparison.Ordinal)}' -ErrorAction Stop; $watch.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)";

    private static async Task<double> ImportAsync(string? shell, string module)
    {
        var start = shell is null ? Pwsh.Start("-NonInteractive", "-Command", Script(module)) : new ProcessStartInfo(shell, ["-NoProfile", "-NonInteractive", "-Command", Script(module)]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardInput = start.RedirectStandardError = false;
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Without the first, which brings the files into memory.</summary>
    private static double Median(List<double> values) => values.Skip(1).Order().ElementAt((values.Count - 1) / 2);
}
