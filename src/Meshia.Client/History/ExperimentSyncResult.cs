namespace Meshia;

/// <summary>What a sync of experiments did.</summary>
public sealed class ExperimentSyncResult
{
    /// <summary>The archive's folder.</summary>
    public required string Path { get; init; }

    /// <summary>How many sessions were asked for their experiments.</summary>
    public int Sessions { get; internal set; }

    /// <summary>How many experiments the archive had not had.</summary>
    public int New { get; internal set; }

    /// <summary>How many experiments have changed.</summary>
    public int Updated { get; internal set; }

    /// <summary>How many experiments are as they were; those of sessions that were not asked for again are among them.</summary>
    public int Kept { get; internal set; }

    /// <summary>How many experiments the service no longer has since the last sync. The archive keeps and marks them.</summary>
    public int Gone { get; internal set; }

    /// <summary>How many artifacts were saved.</summary>
    public int Artifacts { get; internal set; }

    /// <summary>How many sessions, experiments and artifacts failed. The next sync tries them again.</summary>
    public int Failed { get; internal set; }
}
