using System.Text;

namespace Meshia;

/// <summary>Reads a byte that is not UTF-8 as Latin-1, which it most likely is: a replacement character would lose it.</summary>
internal sealed class ByteFallback : DecoderFallback
{
    /// <summary>UTF-8 that loses no byte.</summary>
    public static Encoding Utf8 { get; } = Encoding.GetEncoding("utf-8", EncoderFallback.ReplacementFallback, new ByteFallback());

    /// <inheritdoc/>
    public override int MaxCharCount => 4;

    /// <inheritdoc/>
    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();

    private sealed class Buffer : DecoderFallbackBuffer
    {
        private byte[] _bytes = [];
        private int _place;

        public override int Remaining => _bytes.Length - _place;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            (_bytes, _place) = (bytesUnknown, 0);
            return _bytes.Length > 0;
        }

        public override char GetNextChar() => _place < _bytes.Length ? (char)_bytes[_place++] : '\0';

        public override bool MovePrevious()
        {
            if (_place == 0)
                return false;
            _place--;
            return true;
        }

        public override void Reset() => (_bytes, _place) = ([], 0);
    }
}
