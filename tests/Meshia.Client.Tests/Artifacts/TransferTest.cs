using System.Collections.Concurrent;

namespace Meshia.Client.Tests;

/// <summary>A folder and a large artifact that a test of a transfer downloads into it.</summary>
public abstract class TransferTest : IDisposable
{
    protected const int ChunkSize = 4 * 1024 * 1024;

    /// <summary>Six chunks, the last of which is short: large enough to be fetched in parts.</summary>
    protected static readonly byte[] Bytes = NastyStorage.MakeBytes((5 * ChunkSize) + 123_457);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-transfer-");

    protected ConcurrentQueue<ClientMessage> Messages { get; } = new();

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected string FilePath => Path.Combine(_folder.FullName, "model.bin");

    protected string PartialPath => FilePath + ".partial";

    protected string JournalPath => FilePath + ".partial.journal";

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected int DoneChunks() => File.Exists(JournalPath) ? File.ReadAllLines(JournalPath).Length - 1 : 0;

    /// <summary>Cancels a download over one connection once it has come so far, as Ctrl+C does.</summary>
    private protected async Task StopMidwayAsync(NastyStorage storage, Func<bool> isFarEnough)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var saving = SaveAsync(storage, new() { Connections = 1 }, cancellationToken: stop.Token);
        await TestClient.UntilAsync(isFarEnough);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        Assert.False(File.Exists(FilePath));
    }

    private protected async Task<SavedArtifact> SaveAsync(NastyStorage storage, ArtifactSaveOptions? options = null, TestClock? clock = null, CancellationToken? cancellationToken = null)
    {
        using var client = storage.Api.Client(clock);
        return await client.SaveArtifactAsync(storage.Artifact, FilePath, options, new() { Observer = Messages.Enqueue }, cancellationToken ?? Cancel);
    }

    protected void AssertRight(byte[]? bytes = null)
    {
        Assert.True(File.ReadAllBytes(FilePath).AsSpan().SequenceEqual(bytes ?? Bytes), "The file is not the right one.");
        Assert.Equal(FilePath, Assert.Single(_folder.EnumerateFileSystemInfos()).FullName);
    }

    protected void AssertNothing() => Assert.Empty(_folder.EnumerateFileSystemInfos());

    protected void AssertSilentAboutSignature() => Assert.DoesNotContain(Messages, message => message.Text.Contains("canary", StringComparison.Ordinal));
}
