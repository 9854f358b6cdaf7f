using System.Collections;

namespace Meshia.PowerShell;

/// <summary>What an archive has for a prompt that suggests values. The service is not asked.</summary>
internal static class ArchiveCompletion
{
    /// <summary>As many as are read in the time that a prompt waits; they are of the newest sessions.</summary>
    private const int MostRead = 1000;

    /// <summary>The newest experiments of the archive that -Path names, or of its session that -SessionId names; null if there is no -Path.</summary>
    /// <param name="boundParameters">The command's arguments.</param>
    /// <param name="sessionIds">Only those of these sessions; of all where there are none.</param>
    public static IReadOnlyList<Experiment>? Find(IDictionary boundParameters, IReadOnlyList<string> sessionIds)
    {
        if (boundParameters["Path"] is not { } given)
            return null;
        return FileSystemPath.TryResolve(given.ToString()!) is { } folder
            ? [.. ExperimentArchive.Open(folder).Read(sessionIds.Count > 0 ? sessionIds : null).Take(MostRead)]
            : [];
    }
}
