namespace Meshia.Sandbox.Journal;

/// <summary>The body of a request. Keeps what is read of it.</summary>
internal sealed class RecordedRequest(Stream inner) : Stream
{
    /// <summary>How long a body may still take to come that nothing has read.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private bool _isAtEnd;

    public KeptBytes Kept { get; } = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Kept.Add(buffer.Span[..read]);
        _isAtEnd |= read == 0 && buffer.Length > 0;
        return read;
    }

    /// <summary>Reads what nothing has read, such as the body of a request that was refused.</summary>
    public async Task ReadRestAsync(HttpContext context)
    {
        // One that is asked to wait is not sent.
        if (_isAtEnd || context.Request.Headers.Expect.Count > 0)
            return;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        end.CancelAfter(_patience);
        var buffer = new byte[4096];
        try
        {
            while (!Kept.IsTruncated && await ReadAsync(buffer, end.Token) > 0)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Too long, too slow, or cut: what came is kept.
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
