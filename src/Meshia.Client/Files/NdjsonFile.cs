namespace Meshia;

/// <summary>Reads and extends a file line by line, however large it is.</summary>
internal static class NdjsonFile
{
    private const int UsualBuffer = 1 << 17;

    /// <summary>More than any experiment; a file without line feeds must not fill the memory.</summary>
    private const int LongestLine = 64 * 1024 * 1024;

    /// <summary>Gives each line that is not blank; its bytes are valid until the next one is asked for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It is a link, a pipe or a device, or cannot be read, or a line is too long.</exception>
    public static IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> ReadLines(string path)
    {
        // One is filled while the other is read.
        var buffers = new Stack<byte[]>();
        var before = 0;
        foreach (var part in ReadParts(path, size => buffers.Count > 0 && buffers.Peek().Length >= size ? buffers.Pop() : new byte[size]))
        {
            var last = 0;
            foreach (var (number, line) in part.Lines)
            {
                last = number;
                if (!NdjsonPart.IsBlank(line.Span))
                    yield return (before + number, line);
            }

            before += last;
            buffers.Push(part.Buffer);
        }
    }

    /// <summary>Gives a file in parts of whole lines, so that several threads can read them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rent">Gives a buffer of a size at least, which nobody else uses.</param>
    /// <exception cref="IOException">As for <see cref="ReadLines"/>.</exception>
    public static IEnumerable<NdjsonPart> ReadParts(string path, Func<int, byte[]> rent)
    {
        using var file = OwnFile.Retry(path, () => OwnFile.Open(path, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var (buffer, length) = (rent(UsualBuffer), 0);
        while (true)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, length < LongestLine ? length * 2 : throw new IOException(FormattableString.Invariant($"A line of '{path}' is longer than {LongestLine} bytes.")));
            var count = file.Read(buffer, length, buffer.Length - length);
            length += count;
            // What was there before has no line feed.
            var end = count == 0 ? length : buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            if (end == 0 && count > 0)
                continue;
            if (count == 0 && length == 0)
                yield break;
            var part = new NdjsonPart(buffer, end);
            var rest = length - end;
            buffer = rent(Math.Max(UsualBuffer, rest));
            Buffer.BlockCopy(part.Buffer, end, buffer, 0, rest);
            length = rest;
            yield return part;
            if (count == 0)
                yield break;
        }
    }

    /// <summary>Adds a line. Where a process that was killed, or a full disk, left half a line, the new one does not continue it.</summary>
    /// <param name="file">The file, open for reading and writing by this process alone.</param>
    /// <param name="line">The line, its line feed included.</param>
    public static void Append(FileStream file, byte[] line)
    {
        var isTorn = file.Length > 0 && file.Seek(-1, SeekOrigin.End) >= 0 && file.ReadByte() != '\n';
        file.Seek(0, SeekOrigin.End);
        // Written at once: a process that is killed leaves as little of it as possible.
        byte[] text = isTorn ? [(byte)'\n', .. line] : line;
        file.Write(text, 0, text.Length);
    }
}

/// <summary>Some whole lines of a file.</summary>
/// <param name="Buffer">Holds them at its beginning.</param>
/// <param name="Length">How many bytes they take, the line feeds included; the last line of a file may have none.</param>
internal sealed record NdjsonPart(byte[] Buffer, int Length)
{
    /// <summary>The lines, blank ones too, with their numbers within the part, from 1.</summary>
    public IEnumerable<(int Number, ReadOnlyMemory<byte> Line)> Lines
    {
        get
        {
            var number = 0;
            for (var start = 0; start < Length;)
            {
                var end = Buffer.AsSpan(start, Length - start).IndexOf((byte)'\n');
                var line = Buffer.AsMemory(start, end < 0 ? Length - start : end);
                number++;
                start += line.Length + 1;
                yield return (number, line);
            }
        }
    }

    /// <summary>Whether a line holds nothing.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> line)
    {
        foreach (var octet in line)
        {
            if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r'))
                return false;
        }

        return true;
    }
}
