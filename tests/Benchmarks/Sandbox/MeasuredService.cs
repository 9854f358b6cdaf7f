using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Meshia.Benchmarks;

/// <summary>A service in a process of its own that <c>wrk</c> sends requests to.</summary>
internal sealed partial class MeasuredService : IDisposable
{
    public const string Key = "msh_benchmark";

    private readonly Process _process;

    private MeasuredService(Process process, Uri baseUri, TimeSpan ready) => (_process, BaseUri, Ready) = (process, baseUri, ready);

    /// <summary>Where its API begins, with a slash at its end.</summary>
    public Uri BaseUri { get; }

    /// <summary>From the start of the process to its first line.</summary>
    public TimeSpan Ready { get; }

    /// <summary>The working set, in MB.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <param name="program">What to start.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="addressOf">Reads the address from a line of the standard output; null if the line has none.</param>
    public static async Task<MeasuredService> StartAsync(string program, string[] arguments, Func<string, string?> addressOf)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MESHIA_SANDBOX_KEY"] = Key;
        var watch = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (addressOf(line) is not { } address)
                continue;
            var service = new MeasuredService(process, new(address), watch.Elapsed);
            // What it prints later is read, so that it never waits for us.
            _ = process.StandardOutput.ReadToEndAsync();
            return service;
        }

        throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode} before it was ready.");
    }

    /// <summary>Sends requests for a time from one thread with 16 connections, and gives how many were answered in a second.</summary>
    /// <exception cref="InvalidOperationException">An answer was no success.</exception>
    public async Task<double> RequestsPerSecondAsync(string method, string path, TimeSpan time)
    {
        var script = Path.GetTempFileName();
        await File.WriteAllTextAsync(script, $$"""
            wrk.method = "{{method}}"
            wrk.headers["Authorization"] = "Bearer {{Key}}"
            wrk.headers["Content-Type"] = "application/json"
            {{(method == "POST" ? """wrk.body = '{"name":"bench","gpu":"rtx4090"}'""" : "")}}
            """);
        try
        {
            string[] arguments = ["-t1", "-c16", $"-d{time.TotalSeconds:0}s", "-s", script, new Uri(BaseUri, path).ToString()];
            using var wrk = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })!;
            var text = await wrk.StandardOutput.ReadToEndAsync();
            await wrk.WaitForExitAsync();
            return Refusals().Match(text) is { Success: true } refused
                ? throw new InvalidOperationException($"{method} {path}: {refused.Value}")
                : double.Parse(Rate().Match(text).Groups[1].Value, CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(script);
        }
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"Non-2xx or 3xx responses: \d+|Socket errors: .*")]
    private static partial Regex Refusals();
}
