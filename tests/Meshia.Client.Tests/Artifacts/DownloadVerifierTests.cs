namespace Meshia.Client.Tests;

/// <summary>A disk that does not keep what is written.</summary>
public sealed class DownloadVerifierTests : IDisposable
{
    private const int MostTimes = 4;
    private const int Length = 1000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-verifier-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(MostTimes - 1)]
    public async Task A_part_that_is_damaged_is_fetched_again(int damages)
    {
        var (hash, times) = await WriteAsync(damages);

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(NastyStorage.MakeBytes(Length))), await hash);
        Assert.Equal(damages + 1, times);
    }

    [Fact]
    public async Task A_disk_that_damages_a_part_again_and_again_is_an_error()
    {
        var (hash, times) = await WriteAsync(int.MaxValue);

        Assert.Contains("does not keep", (await Assert.ThrowsAsync<IOException>(() => hash)).Message, StringComparison.Ordinal);
        Assert.Equal(MostTimes, times);
    }

    /// <summary>Writes a part as often as it is wanted, wrongly at first.</summary>
    /// <returns>The verifier, which has ended, and how often the part was written.</returns>
    private async Task<(Task<string> Hash, int Times)> WriteAsync(int damages)
    {
        var bytes = NastyStorage.MakeBytes(Length);
        using var client = TestClient.For(new("http://127.0.0.1:9/"));
        using var storage = new ArtifactStorage(client.Transport, new() { Id = "art_1", SizeBytes = Length }, null);
        using var partial = new PartialDownload(new() { Id = "art_1", SizeBytes = Length }, Path.Combine(_folder.FullName, "file"), storage);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var hash = Task.Run(() => new DownloadVerifier(new() { Id = "art_1" }, partial, storage).HashAsync(end.Token), Cancel);
        var ended = hash.ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
        var times = 0;
        try
        {
            while (await partial.Map.TakeAsync(end.Token) is { } chunk)
            {
                var written = times++ < damages ? new byte[Length] : bytes;
                partial.File.Write(written, 0, Length, 0);
                chunk.Hash.Append(bytes);
                chunk.Written = Length;
                partial.Map.Complete(chunk);
            }
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            // The verifier gave up.
        }

        await ended;
        return (hash, times);
    }
}
