using System.Text;
using System.Text.Unicode;

namespace Meshia.Sandbox.Journal;

/// <summary>The beginning of a body.</summary>
internal sealed class KeptBytes
{
    private const int MaxBytes = 1024 * 1024;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>Of what has no body, or whose body is not kept.</summary>
    public static KeptBytes None { get; } = new();

    public string Text => Encoding.UTF8.GetString(_bytes, 0, _length);

    public bool IsText => Utf8.IsValid(_bytes.AsSpan(0, _length));

    public bool IsTruncated { get; private set; }

    public int Capacity => _bytes.Length;

    /// <summary>A letter for each byte.</summary>
    public string AsLatin1() => Encoding.Latin1.GetString(_bytes, 0, _length);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        var room = MaxBytes - _length;
        if (bytes.Length > room)
        {
            IsTruncated = true;
            bytes = bytes[..room];
        }

        if (bytes.IsEmpty)
            return;
        // Most bodies come in one piece, and need no spare room.
        var end = _length + bytes.Length;
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, _length == 0 ? end : Math.Min(MaxBytes, Math.Max(end, 2 * _bytes.Length)));
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = end;
    }
}
