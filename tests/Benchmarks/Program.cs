using System.Globalization;
using Meshia.Benchmarks;

// serve: a storage with one file, in a process of its own, as a storage is.
// save:  one download in a process of its own, so that its memory can be measured and it can be killed.
// run:   both, side by side with curl.
// compare, import: the module in pwsh.
// archive: the best of many experiments in files.
// budget: what the limit of requests a minute costs each request.
// sandbox: the sandbox beside other services.
// goals: one table with all goals of speed, which build.ps1 Bench runs; answer, save-many, read and mix are its other processes.
switch (args)
{
    case ["serve", var size, var rate]:
        await StorageServer.RunAsync(long.Parse(size, CultureInfo.InvariantCulture), long.Parse(rate, CultureInfo.InvariantCulture));
        return 0;
    case ["save", var baseUri, var path, var size, var sha256, var connections]:
        await Download.RunAsync(new(baseUri), path, long.Parse(size, CultureInfo.InvariantCulture), sha256, int.Parse(connections, CultureInfo.InvariantCulture));
        return 0;
    case ["run"] or ["run", _]:
        return await CurlComparison.RunAsync(args is [_, var folder] ? folder : Path.GetTempPath());
    case ["compare"] or ["compare", _]:
        return await CompareBenchmark.RunAsync(args is [_, var pwsh] ? pwsh : null);
    case ["archive"]:
        return ArchiveBenchmark.Run();
    case ["import"] or ["import", _]:
        return await ImportBenchmark.RunAsync(args is [_, var shell] ? shell : null);
    case ["goals", .. var words]:
        return await GoalTable.RunAsync(words.Contains("quick"), [.. words.Where(word => word != "quick")]);
    case ["answer", var sessions]:
        await ListServer.ServeAsync(int.Parse(sessions, CultureInfo.InvariantCulture));
        return 0;
    case ["save-many", var service, var destination, var files, var bytes, var hash]:
        await SmallFilesRow.SaveAsync(new(service), destination, int.Parse(files, CultureInfo.InvariantCulture), long.Parse(bytes, CultureInfo.InvariantCulture), hash);
        return 0;
    case ["read" or "mix", var service, var key, var requests]:
        await LimitRow.SendAsync(new(service), key, int.Parse(requests, CultureInfo.InvariantCulture), isMixed: args[0] == "mix");
        return 0;
    case ["sandbox"] or ["sandbox", _]:
        return await ServiceBenchmark.RunAsync(args is [_, var rounds] ? int.Parse(rounds, CultureInfo.InvariantCulture) : 3);
    case ["budget"]:
        return await BudgetBenchmark.RunAsync();
    default:
        await Console.Error.WriteLineAsync("Use: goals [quick] [names of rows] | run [folder on the disk to measure] | compare [path of a pwsh] | archive | import [path of a pwsh] | budget | sandbox [rounds] | serve <bytes> <bytes per second and connection, 0 for no limit> | save <base address> <file> <bytes> <sha256> <connections>");
        return 2;
}

/// <summary>The program itself, which the rows start again for the processes that they need.</summary>
internal sealed partial class Program
{
    /// <summary>The first arguments of a new process: nothing, or the library where <c>dotnet</c> runs it.</summary>
    public static string[] Self { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? ["exec", typeof(Program).Assembly.Location] : [];
}
