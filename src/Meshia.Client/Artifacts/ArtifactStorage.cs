using System.Net;
using System.Net.Http.Headers;

namespace Meshia;

/// <summary>The host that stores an artifact, as one download sees it: its address, how it is asked, and what its failures are.</summary>
internal sealed class ArtifactStorage : IDisposable
{
    private readonly Transport _transport;
    private readonly Artifact _artifact;
    private readonly CallOptions _call;
    private int _hasWarned;

    /// <param name="transport">The way to the service and to the storage.</param>
    /// <param name="artifact">What is downloaded.</param>
    /// <param name="call">The settings of the call.</param>
    public ArtifactStorage(Transport transport, Artifact artifact, CallOptions? call)
    {
        (_transport, _artifact) = (transport, artifact);
        // The download repeats what fails: repetition within repetition would multiply.
        _call = new(call) { Observer = call?.Observer ?? transport.Options.Observer, MaxRetries = 0 };
        Budget = new(transport.Options, call?.MaxRetries);
        Address = new(transport, artifact.Id, _call);
    }

    /// <summary>The signed address that is used.</summary>
    public DownloadAddress Address { get; }

    /// <summary>The tries and the time that the download has left.</summary>
    public DownloadBudget Budget { get; }

    /// <summary>Whether it gives whole files only.</summary>
    public bool RefusesRanges { get; private set; }

    public void Tell(ClientMessageLevel level, DisplayText text) => _call.Observer?.Invoke(new(level, text));

    /// <summary>Asks for a part of the file, or for all of it.</summary>
    public Task<HttpResponseMessage> OpenAsync(SignedUrl url, RangeHeaderValue? range, EntityTagHeaderValue? ifRange, CancellationToken cancellationToken)
    {
        Budget.CountTry();
        return _transport.SendToStorageAsync(new(HttpMethod.Get, url.Uri) { Streams = true, Range = range, IfRange = ifRange }, _call, cancellationToken);
    }

    /// <summary>Looks whether an answer can be the artifact at all.</summary>
    /// <returns>Why it must be asked for again; null if it can be read.</returns>
    /// <exception cref="MeshiaException">It is something else.</exception>
    public Setback? Check(StorageAnswer answer)
    {
        CheckType(answer);
        if (answer.IsCalledEncoded && _artifact.KnownSha256 is null)
            WarnOnce($"The storage says that {_artifact.Id} is compressed, but it has the announced size. The bytes were not changed.");
        if (answer.Encoding is null)
            return null;
        var failure = Invalid($"compressed bytes ('{answer.Encoding}'), which were not requested");
        if (!answer.IsReadable)
            throw failure;
        // Parts are parts of the compressed bytes: only the whole can be decoded.
        RefusesRanges = true;
        return answer.IsPart ? new(failure) { IsRefusal = true } : null;
    }

    public async Task<BodyReader> ReadAsync(HttpResponseMessage response, StorageAnswer answer, CancellationToken cancellationToken)
    {
        var settings = _transport.Options;
        return new(response, await answer.ReadAsync().ConfigureAwait(false), settings.RequestTimeout, settings.TimeProvider, cancellationToken);
    }

    /// <summary>Waits before the next try: as long as the storage asks, else longer and longer.</summary>
    public Task WaitAsync(TimeSpan? wait, CancellationToken cancellationToken)
    {
        var settings = _transport.Options;
        return settings.TimeProvider.WaitAsync(wait ?? TimeSpan.FromTicks(settings.RetryDelay.Ticks << Math.Min(Math.Max(0, Budget.FruitlessTries - 1), 6)), cancellationToken);
    }

    /// <summary>Takes note of an answer that is an error.</summary>
    /// <exception cref="MeshiaException">Another try cannot help.</exception>
    /// <exception cref="StartOverException">The file has another length than the one that is known.</exception>
    public Setback Refused(HttpResponseMessage response, SignedUrl url, bool isPart, long? knownLength)
    {
        var status = (int)response.StatusCode;
        var failure = new MeshiaException(MeshiaFailure.Refused, "download_refused", $"The storage host {url.Uri.Host} refused the download of artifact {_artifact.Id} (status {status}).")
        {
            StatusCode = response.StatusCode,
            RecommendedAction = "Try again. If the error stays, check that the artifact still exists.",
            Attempts = Budget.Tries,
            RetryAfter = Resilience.RetryAfter(response, _transport.Options.TimeProvider.GetUtcNow()),
        };
        if (status is 401 or 403)
            Address.Refused(url);
        else if (status == 416 && response.Content.Headers.ContentRange?.Length is { } length && length != knownLength)
            throw new StartOverException(failure, _transport.Options.MaxRetries);
        else if (status == 416 && isPart)
            RefusesRanges = true;
        else if (status != 416 && !IsPassing(response.StatusCode))
            throw failure;
        return new(failure) { IsRefusal = true, IsOfAddress = status is 401 or 403 };
    }

    /// <summary>Whether a request that failed may go well at the next try.</summary>
    public static bool IsPassing(MeshiaException failure) => failure.Failure switch
    {
        MeshiaFailure.TimedOut => true,
        MeshiaFailure.Refused => IsPassing(failure.StatusCode!.Value),
        MeshiaFailure.Unreachable => failure.Cause is not HttpRequestException cause || !Resilience.IsLasting(cause),
        _ => false,
    };

    public MeshiaException CutOff(long bytes, DisplayText? how, Exception? cause = null) => new(
        MeshiaFailure.Unreachable,
        "download_broken",
        $"The download of artifact {_artifact.Id} broke off at byte {bytes}{(how is null ? "" : ": ")}{how}.",
        cause)
    {
        RecommendedAction = "Check the network, then run the same command again to continue.",
    };

    public MeshiaException Invalid(DisplayText what) => new(
        MeshiaFailure.InvalidAnswer,
        "download_invalid",
        $"The storage answered with {what} (artifact {_artifact.Id}).")
    {
        RecommendedAction = "Check whether a proxy answers instead of the storage, then try again.",
    };

    public MeshiaException Corrupted(DisplayText how) => new(
        MeshiaFailure.Corrupted,
        "artifact_corrupted",
        $"Artifact {_artifact.Id} is damaged: {how}. Nothing was kept.")
    {
        RecommendedAction = "Try again. If the error stays, the artifact itself is damaged.",
        Attempts = Budget.Tries,
    };

    public MeshiaException Changed() => new(MeshiaFailure.Corrupted, "artifact_changed", $"Artifact {_artifact.Id} changed during the download.")
    {
        RecommendedAction = "Try again when the artifact no longer changes.",
    };

    public void Dispose()
    {
        Address.Dispose();
        Budget.Dispose();
    }

    /// <summary>A proxy that requires a sign-in sends a web page instead of the file.</summary>
    private void CheckType(StorageAnswer answer)
    {
        // Of a hash, the bytes themselves tell.
        if (_artifact.KnownSha256 is not null || answer.PageType is not { } type || MayBePage)
            return;
        if (_artifact.ContentType is { Length: > 0 } announced)
            throw Invalid($"a web page ({type}) instead of {announced}");
        WarnOnce($"The storage sent a web page ({type}) for artifact {_artifact.Id}. Check the file before you use it. It may be the sign-in page of a proxy.");
    }

    private bool MayBePage => _artifact.ContentType is { Length: > 0 } type
        ? StorageAnswer.IsPage(type)
        : _artifact.Name?.EndsWith(".html", StringComparison.OrdinalIgnoreCase) == true || _artifact.Name?.EndsWith(".htm", StringComparison.OrdinalIgnoreCase) == true;

    private void WarnOnce(DisplayText text)
    {
        if (Interlocked.Exchange(ref _hasWarned, 1) == 0)
            Tell(ClientMessageLevel.Warning, text);
    }

    private static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 425 or 429 || Resilience.IsPassing(status);
}

/// <summary>A try that did not bring all that it was to bring.</summary>
internal sealed record Setback(MeshiaException Failure)
{
    /// <summary>Whether the storage did not even begin to give.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>Whether another address may help.</summary>
    public bool IsOfAddress { get; init; }
}

/// <summary>What has come so far is of no use.</summary>
internal sealed class StartOverException(MeshiaException failure, int mostTimes) : Exception(failure.Message, failure)
{
    public MeshiaException Failure => failure;

    /// <summary>How often it is worth starting over for this reason.</summary>
    public int MostTimes => mostTimes;
}
