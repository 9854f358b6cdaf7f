namespace Meshia;

/// <summary>The signed address that all connections of a download use; a new one is asked for before it ends, or when it is refused.</summary>
internal sealed class DownloadAddress(Transport transport, string artifactId, CallOptions call) : IDisposable
{
    /// <summary>[D] How long one is valid, where the service does not say.</summary>
    private static readonly TimeSpan _validity = TimeSpan.FromHours(1);

    /// <summary>How long before its end an address is used no more.</summary>
    internal static readonly TimeSpan SafetyMargin = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _one = new(1);
    private SignedUrl? _current;
    private DateTimeOffset _goodUntil;

    public async Task<SignedUrl> GetAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_current is { } current && transport.Service.Now < _goodUntil)
                return current;
            var url = await SignedUrl.RequestAsync(transport, artifactId, call, cancellationToken).ConfigureAwait(false);
            var now = transport.Service.Now;
            var validity = (url.ExpiresAt ?? now + _validity) - now;
            // Of a short life a tenth is left, else each request would ask for a new one.
            _goodUntil = now + validity - TimeSpan.FromTicks(Math.Min(SafetyMargin.Ticks, validity.Ticks / 10));
            return _current = url;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Takes note that the storage refused an address; the next one who needs it gets another.</summary>
    public void Refused(SignedUrl url) => Interlocked.CompareExchange(ref _current, null, url);

    public void Dispose() => _one.Dispose();
}
