using Microsoft.AspNetCore.Http.Features;

namespace Meshia.Sandbox.Faults;

/// <summary>Sends a body whose length is known, and lets something go wrong in the middle of it.</summary>
internal sealed class FaultyBody(HttpContext context, Fault fault, long seed, TimeProvider real) : Stream
{
    private static readonly TimeSpan _arrival = TimeSpan.FromMilliseconds(100);

    private readonly Stream _wire = context.Response.Body;
    private readonly IHttpResponseBodyFeature? _feature = context.Features.Get<IHttpResponseBodyFeature>();
    private long _sent;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _sent;
        set => throw new NotSupportedException();
    }

    private long Middle => (context.Response.ContentLength ?? 2) / 2;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        switch (fault.Effect)
        {
            case FaultEffect.CutBody or FaultEffect.Expire or FaultEffect.Stall when _sent <= Middle && _sent + buffer.Length > Middle:
                var half = (int)(Middle - _sent);
                await SendAsync(buffer[..half], cancellationToken);
                await _wire.FlushAsync(cancellationToken);
                if (fault.Effect != FaultEffect.Stall)
                {
                    // What was sent before the cut is to arrive: a reset would overtake it.
                    await Task.Delay(_arrival, cancellationToken);
                    context.Cut();
                    throw new ConnectionCutException();
                }

                await Task.Delay(TimeSpan.FromSeconds(fault.Seconds ?? 3600), real, cancellationToken);
                await SendAsync(buffer[half..], cancellationToken);
                break;
            case FaultEffect.Trickle:
                for (var i = 0; i < buffer.Length; i++)
                {
                    await SendAsync(buffer.Slice(i, 1), cancellationToken);
                    await _wire.FlushAsync(cancellationToken);
                    await Task.Delay(TimeSpan.FromSeconds(fault.Seconds ?? 1), real, cancellationToken);
                }

                break;
            case FaultEffect.Corrupt:
                var place = (long)(FaultChance.Of(seed, $"{fault.Identity}|place", fault.Matches) * (context.Response.ContentLength ?? 1)) - _sent;
                var copy = buffer.ToArray();
                if (place >= 0 && place < copy.Length)
                    copy[place] ^= 1;
                await SendAsync(copy, cancellationToken);
                break;
            default:
                await SendAsync(buffer, cancellationToken);
                break;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _wire.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
            return;
        if (_sent == 0)
            await (_feature?.StartAsync(cancellationToken) ?? Task.CompletedTask);
        await _wire.WriteAsync(bytes, cancellationToken);
        _sent += bytes.Length;
    }
}
