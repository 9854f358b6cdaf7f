using System.Diagnostics;
using System.Text.Json;

namespace Meshia.Benchmarks;

/// <summary>Downloads one file, and tells on standard output what it took.</summary>
internal static class Download
{
    public static async Task RunAsync(Uri baseUri, string path, long size, string sha256, int connections)
    {
        using var client = new MeshiaClient(new ApiKey("msh_benchmark"), new() { BaseUri = baseUri });
        var artifact = new Artifact { Id = "art_1", Name = Path.GetFileName(path), SizeBytes = size, Sha256 = sha256 };
        using var me = Process.GetCurrentProcess();
        var before = me.WorkingSet64;
        var watch = Stopwatch.StartNew();
        var saved = await client.SaveArtifactAsync(artifact, path, new() { Connections = connections, Overwrite = true });
        watch.Stop();
        me.Refresh();
        Console.WriteLine(JsonSerializer.Serialize(new DownloadReport(watch.Elapsed.TotalSeconds, me.PeakWorkingSet64 - before, saved.BytesFetched, saved.Resumed, saved.Sha256)));
    }
}

internal sealed record DownloadReport(double Seconds, long WorkingSetGrowth, long BytesFetched, bool Resumed, string Sha256);
