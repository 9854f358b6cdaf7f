using System.Text;

namespace Meshia;

/// <summary>Writes Markdown to the file that a pipeline shows as the summary of a step.</summary>
internal static class StepSummary
{
    /// <summary>How many bytes there is room for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">The most bytes that it may have; without end where null.</param>
    /// <param name="replaces">Whether it is written anew.</param>
    public static int RoomIn(string path, int? longest, bool replaces)
    {
        if (longest is not { } most)
            return int.MaxValue;
        var used = !replaces && new FileInfo(path) is { Exists: true, Length: var length } ? length : 0;
        return (int)Math.Max(0, most - used);
    }

    /// <summary>Writes the text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="markdown">The text.</param>
    /// <param name="replaces">Whether it takes the place of what is there; else it is added at the end.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string markdown, bool replaces)
    {
        var bytes = Encoding.UTF8.GetBytes(markdown);
        if (replaces)
        {
            OwnFile.WriteAllBytes(path, bytes);
            return;
        }

        // The file is the runner's: other steps and other users of the job add to it too.
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(bytes, 0, bytes.Length);
    }
}
