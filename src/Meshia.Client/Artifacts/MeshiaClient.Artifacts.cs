using System.Text;

namespace Meshia;

public sealed partial class MeshiaClient
{
    /// <summary>Lists an experiment's artifacts: <c>GET /experiments/:id/artifacts</c>.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<Artifact> GetArtifactsAsync(string experimentId, CancellationToken cancellationToken = default) =>
        ListAsync($"experiments/{Segment(experimentId, nameof(experimentId))}/artifacts", WireNames.Artifacts, item => Artifact.From(item, experimentId), cancellationToken);

    /// <summary>Gets the address of an artifact's bytes, valid for one hour: <c>GET /artifacts/:id/download</c>.</summary>
    /// <param name="id">The artifact's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<SignedUrl> GetArtifactDownloadAsync(string id, CancellationToken cancellationToken = default)
    {
        var call = new CallContext(IsRepeatable: true, Streams: false, _options.TimeProvider.GetTimestamp(), _observer);
        var uri = Resolve($"artifacts/{Segment(id, nameof(id))}/download");
        using var response = await SendOnceAsync(_api, HttpMethod.Get, uri, null, call, cancellationToken).ConfigureAwait(false);
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
                : await Answer.ReadAsync(response, value => SignedUrl.From(value, BaseUri)).ConfigureAwait(false);
        }
        catch (FormatException failure)
        {
            throw Answer.Invalid(response, failure.Message, failure);
        }
    }

    /// <summary>
    /// Downloads an artifact into a file: streamed, continued where the connection breaks, verified, and only then put
    /// under its name. A download that fails leaves nothing behind.
    /// </summary>
    /// <param name="artifact">What to download; its size and hash are verified where the service gave them.</param>
    /// <param name="path">The file's full path; its folder must exist.</param>
    /// <param name="overwrite">Replace a file that lies there. Without it, one with the same bytes is kept, and another is an error.</param>
    /// <param name="progress">Hears the number of bytes so far.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <exception cref="IOException">The file cannot be written, or another lies there.</exception>
    public async Task<SavedArtifact> SaveArtifactAsync(Artifact artifact, string path, bool overwrite = false, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        if (artifact is null)
            throw new ArgumentNullException(nameof(artifact));
        if (!overwrite && File.Exists(path))
            return await ArtifactDownload.KeepAsync(artifact, path, cancellationToken).ConfigureAwait(false);
        using var download = new ArtifactDownload(artifact, path, progress);
        await FetchAsync(download, cancellationToken).ConfigureAwait(false);
        return download.Finish();
    }

    private static async Task<byte[]> ReadBytesAsync(HttpResponseMessage response) => await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);

    /// <summary>Fetches until the download is complete; tries that bring bytes do not count against the limit.</summary>
    private async Task FetchAsync(ArtifactDownload download, CancellationToken cancellationToken)
    {
        SignedUrl? url = null;
        for (var fruitless = 0; !download.IsComplete;)
        {
            var before = download.Position;
            url ??= await GetArtifactDownloadAsync(download.Artifact.Id, cancellationToken).ConfigureAwait(false);
            MeshiaException failure;
            try
            {
                failure = await FetchRestAsync(download, url, cancellationToken).ConfigureAwait(false) ?? CutOff(download, null);
            }
            catch (Exception cause) when (cause is HttpRequestException or BodyException)
            {
                failure = CutOff(download, cause);
            }

            if (download.IsComplete)
                return;
            fruitless = download.Position > before ? 0 : fruitless + 1;
            if (fruitless > _options.MaxRetries)
                throw failure;
            // An address that is refused has expired, or will not get better by repeating it.
            url = (int?)failure.StatusCode is null or 416 ? url : null;
            _observer?.Invoke(new(ClientMessageLevel.Notice, $"Continuing {download.Artifact.Id} at byte {download.Position}: {failure.Message}"));
            if (fruitless > 0)
                await _options.TimeProvider.WaitAsync(TimeSpan.FromTicks(_options.RetryDelay.Ticks << Math.Min(fruitless - 1, 6)), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches from the download's position on. Returns what is wrong with the answer, or null where the body came.</summary>
    private async Task<MeshiaException?> FetchRestAsync(ArtifactDownload download, SignedUrl url, CancellationToken cancellationToken)
    {
        var call = new CallContext(IsRepeatable: true, Streams: true, _options.TimeProvider.GetTimestamp(), _observer);
        using var response = await SendOnceAsync(_storage, HttpMethod.Get, url.Uri, null, call, cancellationToken, download.Range, download.IfRange).ConfigureAwait(false);
        if (response.StatusCode is System.Net.HttpStatusCode.RequestedRangeNotSatisfiable)
            download.StartOver();
        if (!response.IsSuccessStatusCode)
        {
            var error = new MeshiaException(MeshiaFailure.Refused, "download_refused", $"The storage host {url.Uri.Host} refused to give artifact {download.Artifact.Id} (status {(int)response.StatusCode}).")
            {
                StatusCode = response.StatusCode,
                RecommendedAction = "Try again; if it stays, check that the artifact still exists.",
                Attempts = call.Attempts,
            };
            return (int)response.StatusCode is 401 or 403 or 416 || Resilience.IsPassing(response.StatusCode) ? error : throw error;
        }

        download.Begin(response);
        using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(ArtifactDownload.BufferSize);
        try
        {
            while (true)
            {
                var count = await ReadBodyAsync(response, body, buffer, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    download.End();
                    return null;
                }

                await download.WriteAsync(buffer, count, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Keeps a body that breaks off apart from a disk that fails: both are <see cref="IOException"/>.</summary>
    private async Task<int> ReadBodyAsync(HttpResponseMessage response, Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(response, body, buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new BodyException(failure);
        }
    }

    private static MeshiaException CutOff(ArtifactDownload download, Exception? cause) => new(
        MeshiaFailure.Unreachable,
        "download_broken",
        $"The download of artifact {download.Artifact.Id} broke off at byte {download.Position}{(cause is null ? "" : $": {cause.GetBaseException().Message}")}.",
        cause)
    {
        RecommendedAction = "Check the network, then try again.",
    };

    private sealed class BodyException(IOException cause) : Exception(cause.Message, cause);
}
