using System.Net;
using System.Net.Http.Headers;

namespace Meshia;

/// <summary>The storage host as one download sees it: its address, how it is asked, and what its failures are.</summary>
/// <param name="open">Sends one request to it, without the key.</param>
/// <param name="address">The signed address in force.</param>
/// <param name="settings">Time-outs, retries and clock.</param>
/// <param name="observer">Who hears what happens.</param>
internal sealed class ArtifactStorage(
    Func<Uri, RangeHeaderValue?, EntityTagHeaderValue?, CancellationToken, Task<HttpResponseMessage>> open,
    DownloadAddress address,
    MeshiaClientOptions settings,
    Action<ClientMessage>? observer)
{
    public DownloadAddress Address => address;

    public MeshiaClientOptions Settings => settings;

    public void Tell(ClientMessageLevel level, string text) => observer?.Invoke(new(level, text));

    public Task<HttpResponseMessage> OpenAsync(SignedUrl url, RangeHeaderValue? range, EntityTagHeaderValue? ifRange, CancellationToken cancellationToken) =>
        open(url.Uri, range, ifRange, cancellationToken);

    public async Task<BodyReader> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new(response, await response.Content.ReadAsStreamAsync().ConfigureAwait(false), settings.RequestTimeout, settings.TimeProvider, cancellationToken);

    /// <summary>Waits before the next try: as long as the storage asks, else longer and longer.</summary>
    public Task WaitAsync(TimeSpan? wait, int fruitless, CancellationToken cancellationToken) =>
        settings.TimeProvider.WaitAsync(wait ?? TimeSpan.FromTicks(settings.RetryDelay.Ticks << Math.Min(Math.Max(0, fruitless - 1), 6)), cancellationToken);

    public TimeSpan? RetryAfter(HttpResponseMessage response) => Resilience.RetryAfter(response, settings.TimeProvider.GetUtcNow());

    /// <summary>Whether a request that got no answer may get one at the next try.</summary>
    public static bool IsPassing(MeshiaException failure) => failure.Failure switch
    {
        MeshiaFailure.TimedOut => true,
        MeshiaFailure.Unreachable => failure.InnerException is not HttpRequestException cause || !Resilience.IsLasting(cause),
        _ => false,
    };

    public static MeshiaException Refused(Artifact artifact, SignedUrl url, HttpStatusCode status, int tries) => new(
        MeshiaFailure.Refused,
        "download_refused",
        $"The storage host {url.Uri.Host} refused to give artifact {artifact.Id} (status {(int)status}).")
    {
        StatusCode = status,
        RecommendedAction = "Try again; if it stays, check that the artifact still exists.",
        Attempts = tries,
    };

    public static MeshiaException CutOff(Artifact artifact, long bytes, string? how, Exception? cause = null) => new(
        MeshiaFailure.Unreachable,
        "download_broken",
        $"The download of artifact {artifact.Id} broke off at byte {bytes}{(how is null ? "" : $": {how}")}.",
        cause)
    {
        RecommendedAction = "Check the network, then run the same command again: it goes on where it broke off.",
    };

    public static MeshiaException Invalid(Artifact artifact, string what) => new(
        MeshiaFailure.InvalidAnswer,
        "download_invalid",
        $"The storage answered with {what} (artifact {artifact.Id}).")
    {
        RecommendedAction = "Check that no proxy answers in its place, then try again.",
    };
}
