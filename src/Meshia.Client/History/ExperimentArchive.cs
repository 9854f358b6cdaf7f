using System.Text;
using System.Text.Json;

namespace Meshia;

/// <summary>
/// A folder that keeps experiments after the service has forgotten them. <c>experiments</c> has one NDJSON file for each
/// session, and in it one line for each experiment; <c>artifacts</c> has saved files. A session's file is replaced as a
/// whole, so a reader never sees half of one.
/// </summary>
public sealed class ExperimentArchive
{
    /// <summary>The version of the archives that this module writes. One of a newer version is refused.</summary>
    public const int FormatVersion = 1;

    private const string Extension = ".ndjson";
    private const string VersionName = "version";
    private static readonly TimeSpan _lockPause = TimeSpan.FromMilliseconds(100);

    private ExperimentArchive(string folder)
    {
        FolderPath = folder;
        Sessions = new(Path.Combine(folder, "sessions.state"));
    }

    /// <summary>The archive's folder.</summary>
    public string FolderPath { get; }

    /// <summary>How far it is with each session.</summary>
    internal SessionProgressFile Sessions { get; }

    private string VersionPath => Path.Combine(FolderPath, "meshia-history.json");

    private string ExperimentsPath => Path.Combine(FolderPath, "experiments");

    /// <summary>Opens an archive to read it.</summary>
    /// <param name="folder">Its full path.</param>
    /// <exception cref="DirectoryNotFoundException">There is no archive.</exception>
    /// <exception cref="IOException">A newer version of the module wrote it, or it cannot be read.</exception>
    public static ExperimentArchive Open(string folder)
    {
        var archive = new ExperimentArchive(folder);
        if (!Directory.Exists(archive.ExperimentsPath) && !OwnFile.Exists(archive.VersionPath))
            throw new DirectoryNotFoundException($"There is no archive of experiments in '{folder}'.");
        archive.CheckVersion();
        return archive;
    }

    /// <summary>Opens an archive to write to it, and creates it if it does not exist. Others wait until the lock is disposed of.</summary>
    /// <param name="folder">Its full path.</param>
    /// <param name="waiting">Is told once where another process has the lock.</param>
    /// <param name="cancellationToken">Ends the wait for the lock.</param>
    /// <exception cref="IOException">A newer version of the module wrote it, or it cannot be written.</exception>
    internal static async Task<(ExperimentArchive Archive, IDisposable Lock)> OpenToWriteAsync(string folder, Action? waiting, CancellationToken cancellationToken)
    {
        var archive = new ExperimentArchive(folder);
        archive.CheckVersion();
        Directory.CreateDirectory(archive.ExperimentsPath);
        for (var tries = 0; ; tries++)
        {
            FileStream held;
            try
            {
                held = OwnFile.OpenOrCreate(Path.Combine(folder, "sync.lock"), isPrivate: false);
            }
            catch (FileInUseException)
            {
                if (tries == 0)
                    waiting?.Invoke();
                await Task.Delay(_lockPause, cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                // The process that had the lock may have been a newer version.
                archive.CheckVersion();
                archive.Prepare();
                return (archive, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
    }

    /// <summary>Reads the experiments, session by session, the newest session first.</summary>
    /// <param name="sessionIds">Only those of these sessions; of all where null.</param>
    /// <param name="damaged">Is told of each line, or file, that cannot be read; the others come.</param>
    public IEnumerable<Experiment> Read(IReadOnlyCollection<string>? sessionIds = null, Action<string>? damaged = null) => Read(sessionIds, damaged, null);

    /// <summary>The same without the unwanted lines.</summary>
    /// <param name="sessionIds">Only those of these sessions; of all where null.</param>
    /// <param name="damaged">Is told of each line that cannot be read.</param>
    /// <param name="isUnwanted">Whether a line need not be read; several threads ask at once. All are read, by one thread, if it is null.</param>
    internal IEnumerable<Experiment> Read(IReadOnlyCollection<string>? sessionIds, Action<string>? damaged, Func<ReadOnlyMemory<byte>, bool>? isUnwanted)
    {
        var paths = sessionIds is null ? AllPaths() : sessionIds.Select(PathOf).Where(File.Exists);
        return isUnwanted is null
            ? paths.SelectMany(path => ReadFile(path, damaged, keepsJson: false)).Select(archived => archived.Experiment)
            : new ArchiveScan(isUnwanted, damaged).Read(paths);
    }

    /// <summary>The folder for the artifacts of an experiment; it may not exist.</summary>
    /// <param name="experimentId">The experiment's id.</param>
    public string ArtifactFolder(string experimentId) => Path.Combine(FolderPath, "artifacts", ArtifactFileName.Folder(experimentId));

    /// <summary>The lines of a session, in the order of the file.</summary>
    internal List<ArchivedExperiment> ReadSession(string sessionId, Action<string>? damaged) =>
        File.Exists(PathOf(sessionId)) ? [.. ReadFile(PathOf(sessionId), damaged, keepsJson: true, keepsDamaged: true)] : [];

    /// <summary>How long a session's file is; null if there is none.</summary>
    internal long? LengthOf(string sessionId) => new FileInfo(PathOf(sessionId)) is { Exists: true } file ? file.Length : null;

    /// <summary>Replaces a session's file.</summary>
    internal long WriteSession(string sessionId, IEnumerable<ArchivedExperiment> experiments)
    {
        using var content = new MemoryStream();
        foreach (var experiment in experiments)
            experiment.WriteTo(content);
        OwnFile.WriteAllBytes(PathOf(sessionId), content.ToArray(), isPrivate: false);
        return content.Length;
    }

    private string PathOf(string sessionId) => Path.Combine(ExperimentsPath, ArtifactFileName.Folder(sessionId) + Extension);

    private IEnumerable<string> AllPaths()
    {
        if (!Directory.Exists(ExperimentsPath))
            return [];
        var created = new Dictionary<string, DateTimeOffset?>(StringComparer.Ordinal);
        foreach (var session in Sessions.Read().Values)
            created[PathOf(session.SessionId)] = session.CreatedAt;
        return Directory.EnumerateFiles(ExperimentsPath, "*" + Extension)
            .OrderByDescending(path => created.TryGetValue(path, out var time) ? time : null)
            .ThenBy(path => path, StringComparer.Ordinal);
    }

    private IEnumerable<ArchivedExperiment> ReadFile(string path, Action<string>? damaged, bool keepsJson, bool keepsDamaged = false)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (number, line) in NdjsonFile.ReadLines(path))
        {
            if (ArchivedExperiment.TryRead(line, keepsJson) is not { } archived)
            {
                damaged?.Invoke(DamageOf(path, number));
                if (keepsDamaged)
                    KeepDamaged(line);
            }
            else if (ids.Add(archived.Id))
            {
                yield return archived;
            }
        }
    }

    /// <summary>What is said of a line that cannot be read.</summary>
    internal static string DamageOf(string path, int number) => FormattableString.Invariant($"Line {number} of '{path}' is damaged and was skipped.");

    /// <summary>A session's file is written without its damaged lines; they may be all that is left of an experiment.</summary>
    private void KeepDamaged(ReadOnlyMemory<byte> line)
    {
        var path = Path.Combine(FolderPath, "damaged-lines.txt");
        using var file = OwnFile.Retry(path, () => OwnFile.OpenOrCreate(path, isPrivate: false));
        NdjsonFile.Append(file, [.. line.Span, (byte)'\n']);
    }

    private void Prepare()
    {
        if (!OwnFile.Exists(VersionPath))
            OwnFile.WriteAllBytes(VersionPath, Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"{VersionName}\":{FormatVersion}}}\n")), isPrivate: false);
        // What a run that was killed has left half written.
        foreach (var path in Directory.GetFiles(FolderPath, "*.tmp").Concat(Directory.GetFiles(ExperimentsPath, "*.tmp")))
            OwnFile.Delete(path);
    }

    private void CheckVersion()
    {
        if (OwnFile.ReadAllBytes(VersionPath) is not { } content)
            return;
        long? version = null;
        try
        {
            version = JsonValue.Parse(content) is Dictionary<string, object?> map ? new JsonFields(map).Integer(VersionName) : null;
        }
        catch (JsonException)
        {
            // Then it tells no version.
        }

        if (version is null)
            throw new IOException($"'{VersionPath}' does not say the version of the archive: it is damaged. Delete this file; the experiments are in other files.");
        if (version > FormatVersion)
            throw new IOException($"The archive in '{FolderPath}' was written by a newer version of the Meshia module and was not changed. Update the module.");
    }
}
