namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>Lists an experiment's artifacts: <c>GET /experiments/:id/artifacts</c>.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Artifact> GetArtifactsAsync(string experimentId, CallOptions? call = null, CancellationToken cancellationToken = default) => _lists.ReadAsync(
        new ApiList<Artifact>($"experiments/{ApiPath.Segment(experimentId, nameof(experimentId))}/artifacts", ContractNames.Artifacts, item => ExactNumber.IsNumber(item) ? throw new FormatException("a number instead of an artifact") : Artifact.From(item, experimentId)),
        call,
        cancellationToken);

    /// <summary>Gets the address of an artifact's bytes, valid for one hour: <c>GET /artifacts/:id/download</c>.</summary>
    /// <param name="id">The artifact's id.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<SignedUrl> GetArtifactDownloadAsync(string id, CallOptions? call = null, CancellationToken cancellationToken = default) =>
        SignedUrl.RequestAsync(Transport, id, call, cancellationToken);

    /// <summary>
    /// Downloads an artifact into a file: in several parts at once where that helps, continued where the connection breaks
    /// or where an earlier run ended, verified, and only then put under its name. What a failed download leaves behind is
    /// a <c>.partial</c> file with its journal, from which the next call continues. The download fails when it has brought no
    /// 64 KB for <see cref="MeshiaClientOptions.TotalTimeout"/>, or nothing in one try more than
    /// <see cref="MeshiaClientOptions.MaxRetries"/> in a row.
    /// </summary>
    /// <param name="artifact">What to download; its size and hash are verified where the service gave them.</param>
    /// <param name="path">The file's full path; its folder must exist.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <param name="call">The settings of this call.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <exception cref="IOException">The file cannot be written, or another one is there already.</exception>
    public async Task<SavedArtifact> SaveArtifactAsync(Artifact artifact, string path, ArtifactSaveOptions? options = null, CallOptions? call = null, CancellationToken cancellationToken = default)
    {
        if (artifact is null)
            throw new ArgumentNullException(nameof(artifact));
        options ??= new();
        return await new ArtifactSaving(Transport, artifact, Path.GetFullPath(path), options, call).RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
