namespace Meshia;

/// <summary>
/// How long a list may keep its reader waiting, over all its pages. What the reader itself takes between two items does not count.
/// </summary>
/// <remarks>
/// With a time of the call's own, everything counts. Without one a long list must not end because the rate limit spreads its
/// pages: then only what the service takes counts, and each KB that arrives gives a second more. So a service that sends a byte
/// now and then, or a page now and then, is left, and one that sends <see cref="LeastRate"/> is not.
/// </remarks>
internal sealed class ListTime(CallOptions? options, MeshiaClientOptions settings)
{
    /// <summary>The least rate, in bytes a second, at which a list may last longer than the total time.</summary>
    internal const int LeastRate = 1024;

    private readonly TimeSpan? _given = options?.Timeout;
    private TimeSpan _spent;
    private TimeSpan _spentOnPage;
    private long _bytes;

    /// <summary>The time of the list, as the user gave it or as the connection has it.</summary>
    public TimeSpan Total => _given ?? settings.TotalTimeout;

    /// <summary>How long the request for a page may take until its answer begins.</summary>
    public TimeSpan LeftForRequest => _given is null ? Total : Left;

    /// <summary>How long the rest of a page may be waited for.</summary>
    public TimeSpan LeftForPage
    {
        get
        {
            var page = Total - _spentOnPage;
            return page < Left ? page : Left;
        }
    }

    /// <summary>Whether nothing is left.</summary>
    public bool IsOver => Left <= TimeSpan.Zero;

    private TimeSpan Left => Total + (_given is null ? TimeSpan.FromSeconds((double)_bytes / LeastRate) : TimeSpan.Zero) - _spent;

    /// <summary>Counts a request that was answered or failed.</summary>
    /// <param name="call">The request.</param>
    public void Spend(CallContext call) => Spend(_given is null ? call.Waited : settings.TimeProvider.GetElapsedTime(call.Began));

    /// <summary>Counts a pause before a page is asked for again.</summary>
    public void Spend(TimeSpan time)
    {
        _spent += time;
        _spentOnPage = TimeSpan.Zero;
    }

    /// <summary>Counts a part of a page.</summary>
    public void Receive(int bytes, TimeSpan time)
    {
        _spent += time;
        _spentOnPage += time;
        _bytes += bytes;
    }

    /// <summary>The error of a list that takes too long.</summary>
    public MeshiaException TooLong(Exception? cause) =>
        new(MeshiaFailure.TimedOut, "timed_out", $"The list was not complete within {Total.TotalSeconds:0.#} s{(_given is null ? (DisplayText)$", and then less than {LeastRate} bytes a second arrived" : null)}.", cause)
        {
            RecommendedAction = "Check the network and the status of the service, then try again. -TimeoutSeconds gives more time.",
        };
}
