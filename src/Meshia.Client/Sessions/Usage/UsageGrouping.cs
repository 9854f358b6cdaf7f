namespace Meshia;

/// <summary>What GPU hours are added up by.</summary>
public enum UsageGrouping
{
    /// <summary>By GPU.</summary>
    Gpu,

    /// <summary>By repository.</summary>
    Repo,

    /// <summary>By name, without the key and the deadline of <c>-Once</c> and <c>-MaxDuration</c>.</summary>
    BaseName,
}
