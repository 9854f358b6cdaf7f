using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Meshia.Sandbox.Artifacts;

/// <summary>
/// Bytes that exist only while they are read: a head, then noise up to the length. The noise is AES over
/// a block counter, so that any range of gigabytes begins at once and is fast.
/// </summary>
internal sealed class GeneratedStream : Stream
{
    private const int BlockSize = 16;
    private const int BufferSize = 4096 * BlockSize;

    private readonly byte[] _head;
    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _counters = new byte[BufferSize];
    private readonly byte[] _noise = new byte[BufferSize];

    public GeneratedStream(byte[] head, byte[] key, long length)
    {
        _head = head;
        _aes.Key = key;
        Length = length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        var left = Math.Min(buffer.Length, Length - Position);
        if (left <= 0)
            return 0;

        var read = Position < _head.Length
            ? ReadHead(buffer[..(int)Math.Min(left, _head.Length - Position)])
            : ReadNoise(buffer[..(int)left], Position - _head.Length);
        Position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _aes.Dispose();
        base.Dispose(disposing);
    }

    private int ReadHead(Span<byte> buffer)
    {
        _head.AsSpan((int)Position, buffer.Length).CopyTo(buffer);
        return buffer.Length;
    }

    private int ReadNoise(Span<byte> buffer, long offset)
    {
        var (block, skip) = (offset / BlockSize, (int)(offset % BlockSize));
        var count = Math.Min(buffer.Length, BufferSize - skip);
        var blocks = (skip + count + BlockSize - 1) / BlockSize;
        for (var i = 0; i < blocks; i++)
            BinaryPrimitives.WriteInt64LittleEndian(_counters.AsSpan(i * BlockSize), block + i);
        _aes.EncryptEcb(_counters.AsSpan(0, blocks * BlockSize), _noise, PaddingMode.None);
        _noise.AsSpan(skip, count).CopyTo(buffer);
        return count;
    }
}
