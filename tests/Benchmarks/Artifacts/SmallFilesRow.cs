using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Meshia.Benchmarks;

/// <summary>Many small artifacts against one curl that fetches them over one connection. Meshia asks for the address of each, hashes it and flushes it to the disk.</summary>
internal static class SmallFilesRow
{
    private const int Size = 10 * 1024;

    /// <summary>As many at once as <c>-ThrottleLimit</c> has by default.</summary>
    private const int AtOnce = 4;

    public static async Task<IReadOnlyList<Row>> MeasureAsync(Bench bench)
    {
        var count = bench.IsQuick ? 20 : 1000;
        using var server = CurlComparison.Start(Environment.ProcessPath!, [.. Program.Self, "serve", CurlComparison.Text(Size), "0"]);
        var first = (await server.StandardOutput.ReadLineAsync())!.Split(' ');
        var (ours, plain, synced) = (new List<double>(), new List<double>(), new List<double>());
        var warmUp = bench.IsQuick ? 0 : 1;
        for (var round = 0; round < bench.Rounds(11) + warmUp; round++)
        {
            var folder = Path.Combine(bench.Folder, $"small-{round}");
            Directory.CreateDirectory(folder);
            using var process = CurlComparison.Start(Environment.ProcessPath!, [.. Program.Self, "save-many", $"{first[0]}/api/v1", folder, CurlComparison.Text(count), CurlComparison.Text(Size), first[1]]);
            var seconds = double.Parse(await process.StandardOutput.ReadToEndAsync(), CultureInfo.InvariantCulture);
            await process.WaitForExitAsync();

            var config = new StringBuilder();
            for (var i = 0; i < count; i++)
                config.Append(CultureInfo.InvariantCulture, $"url = \"{first[0]}/file\"\noutput = \"{Path.Combine(folder, $"curl-{i}")}\"\n");
            var list = Path.Combine(folder, "curl.txt");
            await File.WriteAllTextAsync(list, config.ToString());
            var watch = Stopwatch.StartNew();
            await CurlComparison.RunAsync("curl", "-s", "-K", list);
            var unsynced = watch.Elapsed.TotalSeconds;
            await CurlComparison.RunAsync("sync", [.. Enumerable.Range(0, count).Select(i => Path.Combine(folder, $"curl-{i}"))]);
            if (round >= warmUp)
            {
                ours.Add(seconds * 1000);
                plain.Add(unsynced * 1000);
                synced.Add(watch.Elapsed.TotalMilliseconds);
            }

            Directory.Delete(folder, recursive: true);
        }

        server.StandardInput.Close();
        await server.WaitForExitAsync();
        return
        [
            Row.OfPairs($"{count} artifacts of 10 KB", "ms", ours, "curl and sync", synced, 4),
            Row.OfPairs("… against curl that leaves its bytes in the page cache", "ms", ours, "curl", plain, 4).WithoutGoal(),
        ];
    }

    /// <summary>The downloads, in a process of their own: prints the seconds they take.</summary>
    public static async Task SaveAsync(Uri baseUri, string folder, int count, long size, string sha256)
    {
        // As a person's fetch: the limit of requests a minute would make it wait.
        using var client = new MeshiaClient(new ApiKey("msh_benchmark"), new() { BaseUri = baseUri, RequestsPerMinute = 1_000_000 });
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, cancellationToken) =>
        {
            var artifact = new Artifact { Id = $"art_{number}", Name = $"file-{number}", SizeBytes = size, Sha256 = sha256 };
            await client.SaveArtifactAsync(artifact, Path.Combine(folder, artifact.Name), new(), cancellationToken: cancellationToken);
        });
        Console.WriteLine(watch.Elapsed.TotalSeconds.ToString(CultureInfo.InvariantCulture));
    }
}
