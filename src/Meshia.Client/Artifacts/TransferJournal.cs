using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// What a download has done so far, beside its <c>.partial</c> file, so that the next run can go on: a line about the
/// file, and one for each chunk that is done, with its hash. A line is written when its chunk is; one that was cut off
/// does not count.
/// </summary>
internal sealed class TransferJournal : IDisposable
{
    private const int Version = 1;

    private readonly FileStream _file;

    private TransferJournal(FileStream file) => _file = file;

    /// <summary>Begins a journal.</summary>
    public static TransferJournal Begin(string path, Header header)
    {
        OwnFile.Delete(path);
        var journal = new TransferJournal(OwnFile.Create(path, FileAccess.Write, FileShare.Read, isPrivate: false));
        journal.Write(Encoding.UTF8.GetString(header.ToJson()));
        return journal;
    }

    /// <summary>Goes on with a journal that <see cref="Read"/> has read.</summary>
    public static TransferJournal Continue(string path, State state)
    {
        var journal = new TransferJournal(OwnFile.Open(path, FileAccess.ReadWrite, FileShare.Read));
        journal._file.SetLength(state.Length);
        journal._file.Position = state.Length;
        return journal;
    }

    /// <summary>Reads a journal; null if there is no valid one.</summary>
    /// <exception cref="IOException">A newer version of the module has written it, or it cannot be read.</exception>
    public static State? Read(string path)
    {
        if (OwnFile.ReadAllBytes(path) is not { } bytes)
            return null;
        var text = Encoding.UTF8.GetString(bytes);
        var whole = text.Substring(0, text.LastIndexOf('\n') + 1);
        var lines = whole.Split('\n');
        if (Header.TryRead(lines[0], path) is not { } header)
            return null;
        var digests = new Dictionary<int, string>();
        foreach (var line in lines.Skip(1))
        {
            var parts = line.Split(' ');
            if (parts.Length == 2 && parts[1].Length > 0 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                digests[number] = parts[1];
        }

        return new(header, digests, Encoding.UTF8.GetByteCount(whole));
    }

    /// <summary>Takes note of a chunk whose bytes are in the file.</summary>
    public void Done(Chunk chunk) => Write(FormattableString.Invariant($"{chunk.Index} {chunk.Digest}"));

    public void Dispose() => _file.Dispose();

    private void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_file)
        {
            _file.Write(bytes, 0, bytes.Length);
            _file.Flush();
        }
    }

    /// <summary>What a journal says.</summary>
    /// <param name="Header">Of which bytes it tells.</param>
    /// <param name="Digests">The hashes of the chunks that are done.</param>
    /// <param name="Length">The journal's own length, as far as its lines are whole.</param>
    public sealed record State(Header Header, IReadOnlyDictionary<int, string> Digests, long Length);

    /// <summary>Which bytes a journal tells of. Where any of it differs, they are others.</summary>
    public sealed record Header(string ArtifactId, long Length, string? Sha256, EntityTagHeaderValue? EntityTag)
    {
        /// <summary>Whether an artifact may be the one that the journal is about; its ETag is compared when it is fetched.</summary>
        public bool Fits(Artifact artifact) =>
            ArtifactId == artifact.Id && (artifact.SizeBytes ?? Length) == Length && string.Equals(Sha256, artifact.KnownSha256, StringComparison.Ordinal);

        public byte[] ToJson() => JsonValue.ToBytes(new Dictionary<string, object?>
        {
            ["version"] = Version,
            ["artifact"] = ArtifactId,
            ["length"] = Length,
            ["chunk"] = ChunkMap.ChunkSize,
            ["sha256"] = Sha256,
            ["etag"] = EntityTag?.ToString(),
        });

        public static Header? TryRead(string line, string path)
        {
            try
            {
                if (line.Length == 0 || JsonValue.Parse(Encoding.UTF8.GetBytes(line)) is not Dictionary<string, object?> map)
                    return null;
                var fields = new JsonFields(map);
                var version = fields.Integer("version");
                if (version > Version)
                    throw OwnFile.WrittenByNewerModule(path);
                if (version != Version || fields.Integer("chunk") != ChunkMap.ChunkSize || fields.Text("artifact") is not { } id || fields.Integer("length") is not { } length)
                    return null;
                return new(id, length, fields.Text("sha256"), EntityTagHeaderValue.TryParse(fields.Text("etag") ?? "", out var tag) ? tag : null);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
