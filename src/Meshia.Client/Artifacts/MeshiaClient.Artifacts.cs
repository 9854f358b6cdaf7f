using System.Net.Http.Headers;
using System.Text;

namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>Lists an experiment's artifacts: <c>GET /experiments/:id/artifacts</c>.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Artifact> GetArtifactsAsync(string experimentId, CancellationToken cancellationToken = default) =>
        ListAsync($"experiments/{Segment(experimentId, nameof(experimentId))}/artifacts", ContractNames.Artifacts, item => Artifact.From(item, experimentId), cancellationToken);

    /// <summary>Gets the address of an artifact's bytes, valid for one hour: <c>GET /artifacts/:id/download</c>.</summary>
    /// <param name="id">The artifact's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<SignedUrl> GetArtifactDownloadAsync(string id, CancellationToken cancellationToken = default)
    {
        var call = new CallContext(IsRepeatable: true, Streams: false, _options.TimeProvider.GetTimestamp(), _observer);
        var uri = Resolve($"artifacts/{Segment(id, nameof(id))}/download");
        using var response = await SendOnceAsync(Api, HttpMethod.Get, uri, null, call, cancellationToken).ConfigureAwait(false);
        try
        {
            // [A] The address may come as a redirect, which is read and not followed: the key must not go there.
            if ((int)response.StatusCode is 302 or 303 or 307 && response.Headers.Location is { } location)
                return SignedUrl.From(new Uri(uri, location).AbsoluteUri, BaseUri);
            if (!response.IsSuccessStatusCode)
                throw await ErrorAsync(response, call).ConfigureAwait(false);
            var text = Encoding.UTF8.GetString(await ReadBytesAsync(response).ConfigureAwait(false)).Trim();
            return text.StartsWith("http", StringComparison.OrdinalIgnoreCase)
                ? SignedUrl.From(text, BaseUri)
                : await ApiResponse.ReadAsync(response, value => SignedUrl.From(value, BaseUri)).ConfigureAwait(false);
        }
        catch (FormatException failure)
        {
            throw ApiResponse.Invalid(response, failure.Message, failure);
        }
    }

    /// <summary>
    /// Downloads an artifact into a file: in several parts at once where that helps, continued where the connection breaks
    /// or where an earlier run ended, verified, and only then put under its name. What a failed download leaves behind is
    /// a <c>.partial</c> file with its journal, from which the next call goes on.
    /// </summary>
    /// <param name="artifact">What to download; its size and hash are verified where the service gave them.</param>
    /// <param name="path">The file's full path; its folder must exist.</param>
    /// <param name="options">How; the defaults where null.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <exception cref="IOException">The file cannot be written, or another lies there.</exception>
    public async Task<SavedArtifact> SaveArtifactAsync(Artifact artifact, string path, ArtifactSaveOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (artifact is null)
            throw new ArgumentNullException(nameof(artifact));
        options ??= new();
        path = Path.GetFullPath(path);
        return !options.Overwrite && File.Exists(path)
            ? await ExistingFile.KeepAsync(artifact, path, options.Manifest, cancellationToken).ConfigureAwait(false)
            : await DownloadAsync(artifact, path, options, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<byte[]> ReadBytesAsync(HttpResponseMessage response) => await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);

    private async Task<SavedArtifact> DownloadAsync(Artifact artifact, string path, ArtifactSaveOptions options, CancellationToken cancellationToken)
    {
        using var address = new DownloadAddress(
            stop => GetArtifactDownloadAsync(artifact.Id, stop),
            () => _options.TimeProvider.GetUtcNow() + _service.ClockAhead);
        using var download = new ArtifactDownload(artifact, path, options, new(OpenStorageAsync, address, _options, _observer));
        return await download.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the storage, wherever it redirects to; the key is not in this chain.</summary>
    private async Task<HttpResponseMessage> OpenStorageAsync(Uri uri, RangeHeaderValue? range, EntityTagHeaderValue? ifRange, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            var call = new CallContext(IsRepeatable: true, Streams: true, _options.TimeProvider.GetTimestamp(), _observer);
            var response = await SendOnceAsync(Storage, HttpMethod.Get, uri, null, call, cancellationToken, range, ifRange).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location || redirects == MostRedirects)
                return response;
            using (response)
            {
                var target = new Uri(uri, location);
                if (!SignedUrl.IsAllowed(target, BaseUri))
                    throw Redirected(response, $"The storage redirects to {target.Scheme}://{target.Host}, which is not asked: the file would cross the network in the clear.");
                uri = target;
            }
        }
    }
}
