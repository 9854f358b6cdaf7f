namespace Meshia;

/// <summary>Reads a body as it arrives, and gives it up when nothing arrives for a while.</summary>
internal sealed class BodyReader : IDisposable
{
    private readonly Stream _body;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private readonly ListTime? _time;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenRegistration _disposal;
    private readonly ITimer _stall;

    /// <param name="response">The answer; it is disposed when the reading is given up.</param>
    /// <param name="body">Its body.</param>
    /// <param name="patience">How long nothing may arrive.</param>
    /// <param name="clock">The clock for that.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <param name="time">How long all of it may be waited for: a byte now and then must not keep it alive for ever. Without end where null.</param>
    public BodyReader(HttpResponseMessage response, Stream body, TimeSpan patience, TimeProvider clock, CancellationToken stop, ListTime? time = null)
    {
        (_body, _patience, _clock, _stop, _time) = (body, patience, clock, stop, time);
        _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // Disposing is what ends a read that stalls: on .NET Framework it does not listen to the token.
        _disposal = _end.Token.Register(response.Dispose);
        _stall = clock.CreateTimer(static end => ((CancellationTokenSource)end!).Cancel(), _end, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <returns>How many bytes came; none at the body's end.</returns>
    /// <exception cref="BrokenException">The connection broke, or nothing arrived.</exception>
    /// <exception cref="MeshiaException">The whole takes too long.</exception>
    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    public async Task<int> ReadAsync(byte[] buffer)
    {
        // Only while it waits: what a slow disk or a slow reader takes is not the network's time.
        var left = _time?.LeftForPage;
        if (left <= TimeSpan.Zero)
            throw _time!.TooLong(null);
        var since = _clock.GetTimestamp();
        _stall.Change(left < _patience ? left.Value : _patience, Timeout.InfiniteTimeSpan);
        try
        {
#if NET
            var count = await _body.ReadAsync(buffer, _end.Token).ConfigureAwait(false);
#else
            var count = await _body.ReadAsync(buffer, 0, buffer.Length, _end.Token).ConfigureAwait(false);
#endif
            _stall.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _time?.Receive(count, _clock.GetElapsedTime(since));
            return count;
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(_stop);
        }
        catch (Exception failure) when (_end.IsCancellationRequested)
        {
            if (left < _patience)
                throw _time!.TooLong(failure);
            throw new BrokenException($"nothing arrived for {_patience.TotalSeconds:0.#} s", failure) { IsSilence = true };
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or InvalidDataException)
        {
            throw new BrokenException(failure.GetBaseException().Message.TrimEnd('.'), failure);
        }
    }

    public void Dispose()
    {
        _stall.Dispose();
        _disposal.Dispose();
        _end.Dispose();
        _body.Dispose();
    }

    /// <summary>A body that ended too early. It keeps a broken connection apart from a broken disk: both are <see cref="IOException"/>.</summary>
    internal sealed class BrokenException(string message, Exception cause) : Exception(message, cause)
    {
        /// <summary>Whether the connection stayed, and nothing arrived for the whole time: another try would wait as long again.</summary>
        public bool IsSilence { get; init; }
    }
}
