using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.Journal;

/// <summary>The body of an answer. Keeps what is written to it, in the memory that the server sends from.</summary>
internal sealed class RecordedAnswer(IHttpResponseBodyFeature inner) : PipeWriter, IHttpResponseBodyFeature
{
    private readonly PipeWriter _wire = inner.Writer;
    private Memory<byte> _offered;
    private Stream? _stream;

    public KeptBytes Kept { get; } = new();

    public Stream Stream => _stream ??= AsStream(leaveOpen: true);

    public PipeWriter Writer => this;

    public override bool CanGetUnflushedBytes => _wire.CanGetUnflushedBytes;

    public override long UnflushedBytes => _wire.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _offered = _wire.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        Kept.Add(_offered.Span[..bytes]);
        _offered = _offered[bytes..];
        _wire.Advance(bytes);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Kept.Add(source.Span);
        return _wire.WriteAsync(source, cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => _wire.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => _wire.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _wire.Complete(exception);

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);

    public Task CompleteAsync() => inner.CompleteAsync();
}
