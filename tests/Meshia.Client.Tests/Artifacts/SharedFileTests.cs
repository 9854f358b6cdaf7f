using System.Collections.Concurrent;

namespace Meshia.Client.Tests;

/// <summary>Several downloads into one file, as by two processes: one fetches, the others wait and take what it brings.</summary>
public sealed class SharedFileTests : IDisposable
{
    private static readonly byte[] _bytes = NastyStorage.MakeBytes((4 * 1024 * 1024) + 1000);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-shared-");
    private readonly ConcurrentQueue<ClientMessage> _messages = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder.FullName, "model.bin");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task The_others_wait_and_take_the_finished_file(bool overwrite, bool hasHash)
    {
        var go = new TaskCompletionSource();
        await using var storage = await NastyStorage.StartAsync(_bytes, _ => new() { Before = go.Task }, hasHash: hasHash);
        var first = SaveAsync(storage, overwrite);
        await TestClient.UntilAsync(() => storage.Requests.Count == 1);
        Task<SavedArtifact>[] others = [SaveAsync(storage, overwrite), SaveAsync(storage, overwrite)];
        await TestClient.UntilAsync(() => _messages.Warnings().Count(warning => warning.Contains("Waiting for it", StringComparison.Ordinal)) == 2);

        go.SetResult();

        Assert.True((await first).Downloaded);
        Each.Of(await Task.WhenAll(others), saved => Assert.Equal((false, FilePath), (saved.Downloaded, saved.Path)));
        Assert.Single(storage.Requests);
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
    }

    [Fact]
    public async Task Where_the_first_one_is_stopped_the_next_one_fetches()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, request => request.Number == 1 ? new() { StallAfter = 1000 } : new());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var first = SaveAsync(storage, overwrite: false, stop.Token);
        await TestClient.UntilAsync(() => storage.Requests.Count == 1);
        var second = SaveAsync(storage, overwrite: false);
        await TestClient.UntilAsync(() => !_messages.IsEmpty);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True((await second).Downloaded);
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
    }

    [Fact]
    public async Task Many_at_once_bring_one_right_file()
    {
        await using var storage = await NastyStorage.StartAsync(_bytes);

        var all = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => SaveAsync(storage, overwrite: false)));

        Assert.Single(all, saved => saved.Downloaded);
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
        Assert.Equal([FolderManifest.FileName, "model.bin"], _folder.EnumerateFileSystemInfos().Select(file => file.Name).Order(StringComparer.Ordinal));
    }

    private async Task<SavedArtifact> SaveAsync(NastyStorage storage, bool overwrite, CancellationToken? cancellationToken = null)
    {
        using var client = storage.Api.Client();
        var options = new ArtifactSaveOptions { Manifest = FolderManifest.Read(_folder.FullName), Overwrite = overwrite, Connections = 1 };
        return await client.SaveArtifactAsync(storage.Artifact, FilePath, options, new() { Observer = _messages.Enqueue }, cancellationToken ?? Cancel);
    }
}
