using System.Diagnostics;
using System.Globalization;
using Meshia.Tests;

namespace Meshia.Benchmarks;

/// <summary>100 experiments of 200 configuration keys and 100 metrics, in pwsh: what each step takes beside the fetching.</summary>
internal static class CompareBenchmark
{
    private const int WarmUp = 15;
    private const int Rounds = 61;

    /// <summary>What the module renders. What PowerShell then does with the lines of a table is shown too.</summary>
    private static readonly string[] _renderings = ["draw", "html", "md", "csv", "json"];

    /// <param name="pwsh">The path of a pwsh; null for the pinned one.</param>
    /// <returns>0 where comparing and rendering take less than fetching.</returns>
    public static async Task<int> RunAsync(string? pwsh)
    {
        var folder = Directory.CreateTempSubdirectory("meshia-benchmark-");
        try
        {
            using var sandbox = await FilledSandbox.StartAsync(Path.Combine(folder.FullName, "sandbox"));
            // A service has answered before, a shell has not.
            await MeasureAsync(pwsh, sandbox, folder.FullName, WarmUp);
            var times = await MeasureAsync(pwsh, sandbox, folder.FullName, Rounds);
            var (first, usual) = (StepsOf(round => round[0]), StepsOf(round => round.Skip(1).Order().ElementAt(Rounds / 2)));
            Write("fetched: the 100, each by its id", steps => steps["fetch"]);
            Write("fetched: the 100, as one list", steps => steps["list"]);
            Write("until the service's comparison of them was there", steps => steps["answer"]);
            Write("compared, without that", steps => Compared(steps));
            foreach (var step in _renderings)
                Write($"compared and rendered: {step}", steps => Compared(steps) + steps[step]);
            Write("compared, drawn and shown, line by line", steps => Compared(steps) + steps["show"]);
            return _renderings.All(step => Compared(usual) + usual[step] < usual["fetch"]) ? 0 : 1;

            Dictionary<string, double> StepsOf(Func<List<double>, double> choose) => times.ToDictionary(step => step.Key, step => choose(step.Value));

            void Write(string what, Func<Dictionary<string, double>, double> time) => Console.WriteLine(FormattableString.Invariant($"| {what} | {time(usual):0} ms | {time(first):0} ms |"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Compared(Dictionary<string, double> steps) => steps["compare"] - steps["answer"];

    /// <summary>The times of each step, in milliseconds, round by round.</summary>
    private static async Task<Dictionary<string, List<double>>> MeasureAsync(string? pwsh, FilledSandbox sandbox, string folder, int rounds)
    {
        string[] script = [Path.Combine(AppContext.BaseDirectory, "Experiments", "compare.ps1"), "-BaseUri", sandbox.BaseUri.ToString(), "-SessionId", sandbox.SessionId, "-Folder", folder, "-Rounds", rounds.ToString(CultureInfo.InvariantCulture)];
        var start = pwsh is null ? Pwsh.Start(["-File", .. script]) : new ProcessStartInfo(pwsh, ["-NoProfile", "-File", .. script]);
        start.RedirectStandardInput = false;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.Environment["MESHIA_API_KEY"] = FilledSandbox.Key;
        start.Environment["PSModulePath"] = Path.GetDirectoryName(BuiltModule.Folder);
        using var process = Process.Start(start)!;
        var shown = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        var lines = (await process.StandardError.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await shown;
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? lines.Select(line => line.Split(' ')).GroupBy(line => line[0]).ToDictionary(step => step.Key, step => step.Select(line => double.Parse(line[1], CultureInfo.InvariantCulture)).ToList())
            : throw new InvalidOperationException(string.Join('\n', lines));
    }
}
