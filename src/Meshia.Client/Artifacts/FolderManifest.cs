using System.Globalization;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// Remembers which artifact each file of a folder is, in a file beside them: so that a file that is there already is
/// not fetched or hashed again, and that every artifact keeps its file name, also where two names differ too little for
/// a file system. Without it everything works, only slower. Safe to use from several threads.
/// </summary>
public sealed class FolderManifest
{
    /// <summary>The name of the file.</summary>
    public const string FileName = ".meshia-artifacts";

    private const int Version = 1;
    private const int MostTriesToOpen = 50;
    private static readonly TimeSpan _pauseToOpen = TimeSpan.FromMilliseconds(10);

    private readonly object _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _fileNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The folders of files in <see cref="_owners"/>, as they are written.</summary>
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);

    private FolderManifest(string folder) => Folder = Path.GetFullPath(folder);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Why what is in the folder's manifest is not used, and it is not written to; null if it is.</summary>
    public string? Problem { get; private set; }

    private string ManifestPath => Path.Combine(Folder, FileName);

    /// <summary>Reads what is known of a folder, which need not exist yet.</summary>
    /// <param name="folder">Its full path.</param>
    public static FolderManifest Read(string folder)
    {
        var manifest = new FolderManifest(folder);
        foreach (var entry in manifest.ReadEntries())
        {
            // The name of a file that is gone is free.
            if (!File.Exists(Path.Combine(folder, entry.File)))
                continue;
            manifest._entries[entry.File] = entry;
            // Only names that this module makes: a changed manifest must not send a download elsewhere.
            if (entry.File == ArtifactFileName.For(entry.Name, entry.Id) || entry.File == ArtifactFileName.Distinct(entry.Name, entry.Id)
                || (entry.File == ArtifactFileName.WithFolders(entry.Name) && manifest.IsReached(entry.File)))
                manifest.Claim(entry.File, entry.Name, entry.Id);
        }

        return manifest;
    }

    /// <summary>The path of an artifact's file in the folder: never outside, and never that of another artifact.</summary>
    /// <param name="artifact">The artifact.</param>
    /// <param name="keepFolders">
    /// Whether a name such as <c>checkpoints/last.bin</c> is a file in a folder. Where a part of the name is not safe on every system,
    /// where another file has the name of the folder, or where the folder is a link, the name is escaped to one file name.
    /// </param>
    public string PathFor(Artifact artifact, bool keepFolders = false)
    {
        if (artifact is null)
            throw new ArgumentNullException(nameof(artifact));
        lock (_lock)
        {
            if (_fileNames.TryGetValue(Key(artifact.Name, artifact.Id), out var known) && (keepFolders || known.IndexOf('/') < 0))
                return PathOf(known);
            if (keepFolders && ArtifactFileName.WithFolders(artifact.Name) is { } path && IsReached(path) && Claim(path, artifact.Name, artifact.Id))
                return PathOf(path);
            var file = ArtifactFileName.For(artifact.Name, artifact.Id);
            if (!Claim(file, artifact.Name, artifact.Id))
            {
                file = ArtifactFileName.Distinct(artifact.Name, artifact.Id);
                Claim(file, artifact.Name, artifact.Id);
            }

            return PathOf(file);
        }
    }

    /// <summary>The service's name of a file in the folder; null if it is not known.</summary>
    /// <param name="fileName">A path relative to the folder, with <c>/</c>.</param>
    public string? NameOf(string fileName)
    {
        lock (_lock)
            return _names.TryGetValue(fileName, out var name) ? name : ArtifactFileName.NameOf(fileName);
    }

    /// <summary>Learns of the files that another process has saved meanwhile.</summary>
    internal void Refresh()
    {
        lock (_lock)
        {
            foreach (var entry in ReadEntries())
                _entries[entry.File] = entry;
        }
    }

    /// <summary>What was proved of a file when it was saved, if it has not changed since.</summary>
    internal Entry? Find(string path, string artifactId)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(FileOf(path), out var entry) && entry.Id == artifactId && entry.IsStillThere(path) ? entry : null;
        }
    }

    /// <summary>What was proved of a file when it was saved; it may have changed since.</summary>
    internal Entry? FindChanged(string path, string artifactId)
    {
        lock (_lock)
            return _entries.TryGetValue(FileOf(path), out var entry) && entry.Id == artifactId ? entry : null;
    }

    /// <summary>Takes note of a file that is whole.</summary>
    /// <param name="saved">What was proved of it.</param>
    /// <param name="bytesPath">Where its bytes lie until it gets its name; a file that is renamed keeps its time.</param>
    internal void Remember(SavedArtifact saved, string bytesPath)
    {
        var modifiedAt = File.GetLastWriteTimeUtc(bytesPath);
        var entry = new Entry(saved.ArtifactId, saved.Name, FileOf(saved.Path), saved.Length, modifiedAt, saved.Sha256, saved.Verified);
        lock (_lock)
        {
            if (_entries.TryGetValue(entry.File, out var known) && known == entry)
                return;
            _entries[entry.File] = entry;
            if (Problem is not null)
                return;
            try
            {
                Append(entry.ToLine());
                if (Path.DirectorySeparatorChar == '\\')
                    File.SetAttributes(ManifestPath, FileAttributes.Hidden);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // The file itself is whole; the next run will hash it.
            }
        }
    }

    private static string Key(string? name, string id) => $"{id}\n{name}";

    /// <summary>The folders of a relative path: <c>a</c> and <c>a/b</c> of <c>a/b/c.bin</c>.</summary>
    private static IEnumerable<string> FoldersOf(string file)
    {
        for (var end = file.IndexOf('/'); end >= 0; end = file.IndexOf('/', end + 1))
            yield return file.Substring(0, end);
    }

    private string PathOf(string file) => Path.Combine(Folder, file.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>The relative path by which the manifest knows a file of the folder.</summary>
    private string FileOf(string path)
    {
        path = Path.GetFullPath(path);
        var start = Folder.TrimEnd(Path.DirectorySeparatorChar).Length + 1;
        return path.Length > start && path.StartsWith(Folder, StringComparison.Ordinal) ? path.Substring(start).Replace(Path.DirectorySeparatorChar, '/') : Path.GetFileName(path);
    }

    /// <summary>Whether the folders of a relative path are real ones, or can be created: a link would lead elsewhere.</summary>
    private bool IsReached(string file) => FoldersOf(file).All(folder =>
    {
        var info = new DirectoryInfo(PathOf(folder));
        return info.Exists ? (info.Attributes & FileAttributes.ReparsePoint) == 0 : !File.Exists(info.FullName);
    });

    private bool Claim(string file, string? name, string id)
    {
        var fold = ArtifactFileName.Fold(file);
        if (_owners.ContainsKey(fold) || _folders.ContainsKey(fold))
            return false;
        var folders = FoldersOf(file).ToDictionary(ArtifactFileName.Fold, folder => folder, StringComparer.Ordinal);
        // A file has the name of a folder, or the folder is written in another way, which some file systems take for the same.
        if (folders.Any(folder => _owners.ContainsKey(folder.Key) || (_folders.TryGetValue(folder.Key, out var written) && written != folder.Value)))
            return false;
        foreach (var folder in folders)
            _folders[folder.Key] = folder.Value;
        _owners[fold] = id;
        _fileNames[Key(name, id)] = file;
        _names[file] = string.IsNullOrEmpty(name) ? id : name!;
        return true;
    }

    private List<Entry> ReadEntries()
    {
        try
        {
            if (OwnFile.ReadAllBytes(ManifestPath) is not { } bytes)
                return [];
            var entries = System.Text.Encoding.UTF8.GetString(bytes).Split('\n').Select(Entry.TryRead).OfType<Entry>().ToList();
            if (!entries.Exists(entry => entry.Version > Version))
                return entries;
            throw OwnFile.WrittenByNewerModule(ManifestPath);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It saves work, no more.
            Problem = failure.Message;
            return [];
        }
    }

    /// <summary>Adds a line. Another process that has the manifest open is done in a moment.</summary>
    private void Append(byte[] line)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var manifest = OwnFile.OpenOrCreate(ManifestPath, FileAccess.Write, isPrivate: false);
                manifest.Seek(0, SeekOrigin.End);
                manifest.Write(line, 0, line.Length);
                return;
            }
            catch (FileInUseException) when (tries < MostTriesToOpen)
            {
                Thread.Sleep(_pauseToOpen);
            }
        }
    }

    /// <summary>One file, as it was when it was saved. A line of the manifest; of two for a file the later one holds.</summary>
    internal sealed record Entry(string Id, string? Name, string File, long Length, DateTime ModifiedAt, string Sha256, ArtifactVerification Verified, long Version = FolderManifest.Version)
    {
        /// <summary>
        /// Whether the file has the size and the time stamp that it had. Some file systems keep whole seconds only: there a
        /// file can change and keep its time stamp, so the time stamp is not trusted.
        /// </summary>
        public bool IsStillThere(string path)
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length == Length && file.LastWriteTimeUtc == ModifiedAt && ModifiedAt.Ticks % TimeSpan.TicksPerSecond != 0;
        }

        /// <summary>The name is written as in a file name: what is no text (a lone surrogate) would not survive JSON.</summary>
        public byte[] ToLine() =>
        [
            .. JsonValue.ToBytes(new Dictionary<string, object?>
            {
                ["version"] = Version,
                ["file"] = File,
                ["id"] = Id,
                ["name"] = Name is null ? null : ArtifactFileName.Encode(Name),
                ["length"] = Length,
                ["modified"] = ModifiedAt.ToString("O", CultureInfo.InvariantCulture),
                ["sha256"] = Sha256,
                ["verified"] = Verified.ToString(),
            }),
            (byte)'\n',
        ];

        /// <summary>Whether a file that the manifest names is in the folder.</summary>
        private static bool IsInside(string file) => Array.TrueForAll(file.Split('/'), part => part.Length > 0 && part is not ("." or "..") && part.IndexOfAny(Path.GetInvalidFileNameChars()) < 0);

        public static Entry? TryRead(string line)
        {
            try
            {
                if (line.Length == 0 || JsonValue.Parse(System.Text.Encoding.UTF8.GetBytes(line)) is not Dictionary<string, object?> map)
                    return null;
                var fields = new JsonFields(map);
                return fields.Text("file") is { } file && IsInside(file) && fields.Text("id") is { } id && fields.Integer("length") is { } length && fields.Time("modified") is { } modified
                    && fields.Text("sha256") is { } sha256 && Enum.TryParse<ArtifactVerification>(fields.Text("verified"), out var verified)
                    ? new(id, fields.Text("name") is { } name ? ArtifactFileName.Decode(name) : null, file, length, modified.UtcDateTime, sha256, verified, fields.Integer("version") ?? 1)
                    : null;
            }
            catch (Exception failure) when (failure is JsonException or ArgumentException)
            {
                // A line that was cut off.
                return null;
            }
        }
    }
}
