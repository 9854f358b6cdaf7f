using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Meshia;

/// <summary>One download on its way to a file: the <c>.partial</c> file, how far it is, and the hash so far.</summary>
internal sealed class ArtifactDownload : IDisposable
{
    public const int BufferSize = 128 * 1024;

    private readonly string _path;
    private readonly string _partialPath;
    private readonly IProgress<long>? _progress;
    private readonly FileStream _file;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private EntityTagHeaderValue? _entityTag;
    private long? _length;
    private bool _bodyHasBegun;
    private bool _bodyHasEnded;
    private bool _isFinished;

    /// <exception cref="IOException">The file cannot be written.</exception>
    public ArtifactDownload(Artifact artifact, string path, IProgress<long>? progress)
    {
        (Artifact, _path, _partialPath, _progress) = (artifact, path, path + ".partial", progress);
        _file = new FileStream(_partialPath, FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);
    }

    public Artifact Artifact { get; }

    /// <summary>The bytes that are on the disk.</summary>
    public long Position { get; private set; }

    /// <summary>Whether all bytes came, as far as anybody said how many there are.</summary>
    public bool IsComplete => _length is { } length ? _bodyHasBegun && Position >= length : _bodyHasEnded;

    /// <summary>What to ask for: the rest, or all of it.</summary>
    public RangeHeaderValue? Range => Position > 0 ? new(Position, null) : null;

    /// <summary>Ask for the rest only of the same bytes.</summary>
    public EntityTagHeaderValue? IfRange => Position > 0 && _entityTag is { IsWeak: false } ? _entityTag : null;

    /// <summary>Takes note of an answer's headers: where its body begins, and how many bytes there are.</summary>
    public void Begin(HttpResponseMessage response)
    {
        var range = response.Content.Headers.ContentRange;
        var continues = response.StatusCode == HttpStatusCode.PartialContent && range?.From == Position && Equals(response.Headers.ETag, _entityTag);
        if (!continues && Position > 0)
            StartOver();
        _entityTag = response.Headers.ETag;
        _length = (continues ? range?.Length : response.Content.Headers.ContentLength) ?? Artifact.SizeBytes;
        (_bodyHasBegun, _bodyHasEnded) = (true, false);
    }

    /// <summary>Takes note that the body ended as HTTP says it should.</summary>
    public void End() => _bodyHasEnded = true;

    public async Task WriteAsync(byte[] buffer, int count, CancellationToken cancellationToken)
    {
        _hash.AppendData(buffer, 0, count);
#if NET
        await _file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
#else
        await _file.WriteAsync(buffer, 0, count, cancellationToken).ConfigureAwait(false);
#endif
        Position += count;
        _progress?.Report(Position);
    }

    public void StartOver()
    {
        _file.SetLength(0);
        _file.Position = 0;
        _hash.Dispose();
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        (Position, _entityTag, _length, _bodyHasBegun, _bodyHasEnded) = (0, null, null, false, false);
    }

    /// <summary>Verifies the bytes and puts them under the file's name.</summary>
    /// <exception cref="MeshiaException">They are not what the service announced.</exception>
    public SavedArtifact Finish()
    {
        var saved = Verify(Artifact, _path, Position, Hex(_hash.GetHashAndReset()), downloaded: true, _watch.Elapsed);
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        if (File.Exists(_path))
            File.Replace(_partialPath, _path, null);
        else
            File.Move(_partialPath, _path);
        _isFinished = true;
        return saved;
    }

    /// <summary>Keeps a file that lies there already, if it is the right one.</summary>
    public static async Task<SavedArtifact> KeepAsync(Artifact artifact, string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);
        if (artifact.Sha256 is null || (artifact.SizeBytes is { } size && size != file.Length))
            throw Different(path);
        var buffer = new byte[BufferSize];
        int count;
#if NET
        while ((count = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
#else
        while ((count = await file.ReadAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false)) > 0)
#endif
            hash.AppendData(buffer, 0, count);
        try
        {
            return Verify(artifact, path, file.Length, Hex(hash.GetHashAndReset()), downloaded: false, TimeSpan.Zero);
        }
        catch (MeshiaException)
        {
            throw Different(path);
        }
    }

    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
        if (!_isFinished)
            File.Delete(_partialPath);
    }

    private static SavedArtifact Verify(Artifact artifact, string path, long length, string hash, bool downloaded, TimeSpan elapsed)
    {
        if (artifact.SizeBytes is { } size && size != length)
            throw Corrupted(artifact, $"{length} bytes came, {size} were announced");
        if (artifact.Sha256 is not null && !string.Equals(artifact.Sha256, hash, StringComparison.OrdinalIgnoreCase))
            throw Corrupted(artifact, $"their SHA-256 is {hash}, announced was {artifact.Sha256}");
        return new()
        {
            ArtifactId = artifact.Id,
            ExperimentId = artifact.ExperimentId,
            Name = artifact.Name,
            Path = path,
            Length = length,
            Sha256 = hash,
            Verified = artifact.Sha256 is not null ? ArtifactVerification.Sha256 : artifact.SizeBytes is not null ? ArtifactVerification.Size : ArtifactVerification.None,
            Downloaded = downloaded,
            Elapsed = elapsed,
        };
    }

    private static MeshiaException Corrupted(Artifact artifact, string how) => new(MeshiaFailure.Corrupted, "artifact_corrupted", $"Artifact {artifact.Id} did not arrive whole: {how}. Nothing was kept.")
    {
        RecommendedAction = "Try again; if it stays, the artifact itself is damaged.",
    };

    private static IOException Different(string path) => new($"Another file lies at '{path}' already.");

    private static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
}
