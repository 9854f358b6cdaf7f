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
        using var file = OwnFile.Retry(path, () => OwnFile.Open(path, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var buffer = new byte[UsualBuffer];
        var (start, length, number) = (0, 0, 0);
        for (var isLast = false; !isLast;)
        {
            Buffer.BlockCopy(buffer, start, buffer, 0, length);
            start = 0;
            if (length == buffer.Length)
                Array.Resize(ref buffer, length < LongestLine ? buffer.Length * 2 : throw new IOException(FormattableString.Invariant($"Line {number + 1} of '{path}' is longer than {LongestLine} bytes.")));
            var searched = length;
            var count = file.Read(buffer, length, buffer.Length - length);
            length += count;
            isLast = count == 0;
            int end;
            while ((end = buffer.AsSpan(start + searched, length - searched).IndexOf((byte)'\n')) >= 0 || (isLast && length > 0))
            {
                var lineLength = end < 0 ? length : searched + end;
                number++;
                var line = buffer.AsMemory(start, lineLength);
                if (!IsBlank(line.Span))
                    yield return (number, line);
                var taken = Math.Min(length, lineLength + 1);
                (start, length, searched) = (start + taken, length - taken, 0);
            }
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

    private static bool IsBlank(ReadOnlySpan<byte> line)
    {
        foreach (var octet in line)
        {
            if (octet is not ((byte)' ' or (byte)'\t' or (byte)'\r'))
                return false;
        }

        return true;
    }
}
